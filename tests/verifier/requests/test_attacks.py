"""What wallets, and whoever poses as one, must not get away with; every refusal with its exact code."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.hospital import PhoneWallet, post_answer, post_form
from tests.support.keys import RepeatableSigner
from tests.verifier.requests.answers import assert_refused, audit_lines, good_answer
from tests.verifier.requests.conftest import AskingDesk, OpenAskingDesk
from vc_core.credential_types.guardian_delegation import GUARDIAN_DELEGATION
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.protocols.openid4vp.request import AuthorizationRequest
from vc_core.protocols.openid4vp.response import (
    AuthorizationErrorResponse,
    create_response_form,
)

OTHER_PERSON = {"health_id": "SB7M2C5XK9T8", "name": "Somebody", "name_latin": "Somebody Else"}


@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
async def test_a_second_answer_is_refused(asking: AskingDesk, mode: str) -> None:
    """V2."""
    created = await asking.ask("coverage", mode)
    request = await asking.fetch(created)
    shown = await good_answer(asking, request)
    assert (await post_answer(asking.client, request, shown)).status_code == 200
    first = await asking.result(created)
    for again in (shown, await good_answer(asking, request)):
        assert_refused(await post_answer(asking.client, request, again))
    declined = AuthorizationErrorResponse("access_denied", request.state)
    assert_refused(await post_form(asking.client, request, create_response_form(declined)))
    assert await asking.result(created) == first
    assert await audit_lines(asking) == [("accepted", "OK")] + [("rejected", "REPLAYED")] * 3


async def test_of_many_answers_at_once_one_counts(asking: AskingDesk) -> None:
    """V2, raced."""
    created = await asking.ask()
    request = await asking.fetch(created)
    answers = [await good_answer(asking, request) for _ in range(12)]
    got = await asyncio.gather(*(post_answer(asking.client, request, each) for each in answers))
    assert sorted(each.status_code for each in got) == [200] + [400] * 11
    assert await audit_lines(asking) == [("accepted", "OK")] + [("rejected", "REPLAYED")] * 11


async def test_two_processes_race_for_one_request(open_asking_desk: OpenAskingDesk, database_url: str) -> None:
    """V2 across processes of one service: each opens the other's encrypted answers, one answer counts."""
    async with open_asking_desk(database_url) as first, open_asking_desk(database_url) as second:
        created = await first.ask("coverage", "direct_post.jwt")
        request = await second.fetch(created)
        answers = [await good_answer(first, request) for _ in range(6)]
        clients = [first.client, second.client] * 3
        got = await asyncio.gather(
            *(post_answer(client, request, each) for client, each in zip(clients, answers, strict=True))
        )
        assert sorted(each.status_code for each in got) == [200] + [400] * 5
        assert (await second.result(created))["verdict"] == "accepted"


async def test_an_answer_that_comes_late(sqlite_asking: AskingDesk) -> None:
    created = await sqlite_asking.ask()
    request = await sqlite_asking.fetch(created)
    sqlite_asking.clock.advance(300)
    assert_refused(await post_answer(sqlite_asking.client, request, await good_answer(sqlite_asking, request)))
    assert (await sqlite_asking.result(created))["state"] == "expired"
    assert await audit_lines(sqlite_asking) == [("rejected", "EXPIRED_PRESENTATION")]
    path = (request.response_uri or "").replace("https://desk.riverside.example", "").replace("/response", "/request")
    assert_refused(await sqlite_asking.client.get(path))
    assert (await sqlite_asking.client.get(f"/requests/{created['id']}/qr.png")).status_code == 409


Spoil = Callable[[AskingDesk, AuthorizationRequest], dict[str, tuple[str, ...]]]


def show(desk: AskingDesk, request: AuthorizationRequest, name: str, **options: Any) -> str:
    """A good presentation for this credential query."""
    types = {"coverage": INSURANCE_COVERAGE, "identity": HEALTH_ID, "guardian": GUARDIAN_DELEGATION}
    return desk.wallet.show_sd_jwt(request, name, desk.wallet.sd_jwt(types[name]), **options)


SHAPES: dict[str, tuple[Spoil, str]] = {
    "one that was not asked for": (
        lambda desk, request: {
            "coverage": (show(desk, request, "coverage"),),
            "identity": (show(desk, request, "identity"),),
            "guardian": (show(desk, request, "guardian"),),
        },
        "MALFORMED",
    ),
    "one missing": (lambda desk, request: {"coverage": (show(desk, request, "coverage"),)}, "NOT_A_CREDENTIAL"),
    "one doubled": (
        lambda desk, request: {
            "coverage": (show(desk, request, "coverage"), show(desk, request, "coverage")),
            "identity": (show(desk, request, "identity"),),
        },
        "MALFORMED",
    ),
    "the same in two formats": (
        lambda desk, request: {
            "coverage": (show(desk, request, "coverage"),),
            "coverage-jwt_vc_json": (desk.wallet.jwt_vp(request, INSURANCE_COVERAGE),),
            "identity": (show(desk, request, "identity"),),
        },
        "MALFORMED",
    ),
    "of another type": (
        lambda desk, request: {
            "coverage": (show(desk, request, "identity"),),
            "identity": (show(desk, request, "identity"),),
        },
        "NOT_A_CREDENTIAL",
    ),
    "in another format": (
        lambda desk, request: {
            "coverage": (desk.wallet.jwt_vp(request, INSURANCE_COVERAGE),),
            "identity": (show(desk, request, "identity"),),
        },
        "NOT_A_CREDENTIAL",
    ),
    "without the claims": (
        lambda desk, request: {
            "coverage": (show(desk, request, "coverage"),),
            "identity": (show(desk, request, "identity", disclose=["birth_year"]),),
        },
        "NOT_A_CREDENTIAL",
    ),
    "without its holder": (
        lambda desk, request: {
            "coverage": (desk.wallet.sd_jwt(INSURANCE_COVERAGE),),
            "identity": (show(desk, request, "identity"),),
        },
        "HOLDER_KEY",
    ),
    "no credential at all": (lambda desk, request: {"coverage": ("x~",), "identity": ("y~",)}, "NOT_A_CREDENTIAL"),
    "an x5c that is the number 1": (lambda desk, request: {"identity": ("eyJ4NWMiOjF9.e30.x~",)}, "MALFORMED"),
}


async def test_an_answer_that_is_not_what_was_asked_changes_nothing(sqlite_asking: AskingDesk) -> None:
    """V4; one line in the audit log each."""
    created = await sqlite_asking.ask("coverage+identity minimal")
    request = await sqlite_asking.fetch(created)
    for spoil, _ in SHAPES.values():
        assert_refused(await post_answer(sqlite_asking.client, request, spoil(sqlite_asking, request)))
        result = await sqlite_asking.result(created)
        assert (result["state"], result["verdict"]) == ("fetched", None)
    assert await audit_lines(sqlite_asking) == sorted(("rejected", code) for _, code in SHAPES.values())
    good = {name: (show(sqlite_asking, request, name),) for name in ("coverage", "identity")}
    assert (await post_answer(sqlite_asking.client, request, good)).status_code == 200


async def test_credentials_of_two_people_are_refused(sqlite_asking: AskingDesk) -> None:
    """V4: each is good, and shown by its holder; the person is not one."""
    created = await sqlite_asking.ask("coverage+identity minimal")
    request = await sqlite_asking.fetch(created)
    other = PhoneWallet(sqlite_asking.wallet.issuer, sqlite_asking.clock)
    vp_token = {
        "coverage": (show(sqlite_asking, request, "coverage"),),
        "identity": (other.show_sd_jwt(request, "identity", other.sd_jwt(HEALTH_ID, **OTHER_PERSON)),),
    }
    assert (await post_answer(sqlite_asking.client, request, vp_token)).status_code == 200
    result = await sqlite_asking.result(created)
    assert (result["verdict"], result["code"]) == ("rejected", "HOLDER_KEY")
    assert "Somebody" not in str(result)


async def test_one_time_credentials_of_one_person_go_together(sqlite_asking: AskingDesk) -> None:
    """Each with a key of its own, as batches have them."""
    created = await sqlite_asking.ask("coverage+identity minimal")
    request = await sqlite_asking.fetch(created)
    other = PhoneWallet(sqlite_asking.wallet.issuer, sqlite_asking.clock)
    vp_token = {
        "coverage": (show(sqlite_asking, request, "coverage"),),
        "identity": (other.show_sd_jwt(request, "identity", other.sd_jwt(HEALTH_ID)),),
    }
    assert (await post_answer(sqlite_asking.client, request, vp_token)).status_code == 200
    assert (await sqlite_asking.result(created))["verdict"] == "accepted"


PROOFS: list[tuple[dict[str, Any], str]] = [
    ({"nonce": "another"}, "WRONG_AUDIENCE"),
    ({"audience": "x509_san_dns:desk.riverside.example"}, "WRONG_AUDIENCE"),
    ({"audience": "https://desk.riverside.example"}, "WRONG_AUDIENCE"),
    ({"holder": RepeatableSigner.from_bytes(bytes([9]) * 32)}, "HOLDER_KEY"),
    ({"transaction_data_hashes": ["A" * 43]}, "WRONG_AUDIENCE"),
]


async def test_a_proof_that_was_made_for_something_else(sqlite_asking: AskingDesk) -> None:
    """S3 of answers; the request is used up, and the desk sees why."""
    for options, code in PROOFS:
        created = await sqlite_asking.ask()
        request = await sqlite_asking.fetch(created)
        shown = {"coverage": (show(sqlite_asking, request, "coverage", **options),)}
        assert (await post_answer(sqlite_asking.client, request, shown)).status_code == 200
        result = await sqlite_asking.result(created)
        assert (result["state"], result["verdict"], result["code"]) == ("answered", "rejected", code)
    assert await audit_lines(sqlite_asking) == sorted(("rejected", code) for _, code in PROOFS)


async def test_an_answer_to_another_request_is_refused(sqlite_asking: AskingDesk) -> None:
    """The presentation of one request, posted to another with that one's state."""
    first, second = await sqlite_asking.ask(), await sqlite_asking.ask()
    shown = await good_answer(sqlite_asking, await sqlite_asking.fetch(first))
    request = await sqlite_asking.fetch(second)
    await post_answer(sqlite_asking.client, request, shown)
    assert (await sqlite_asking.result(second))["code"] == "WRONG_AUDIENCE"


async def test_an_answer_without_the_state(sqlite_asking: AskingDesk) -> None:
    for mode in ("direct_post", "direct_post.jwt"):
        created = await sqlite_asking.ask("coverage", mode)
        request = await sqlite_asking.fetch(created)
        shown = await good_answer(sqlite_asking, request)
        for state in (None, "another"):
            assert_refused(await post_answer(sqlite_asking.client, request, shown, state=state))
        assert (await sqlite_asking.result(created))["state"] == "fetched"
    assert await audit_lines(sqlite_asking) == [("rejected", "WRONG_AUDIENCE")] * 4


async def test_nothing_is_told_under_a_made_up_handle(sqlite_asking: AskingDesk) -> None:
    created = await sqlite_asking.ask()
    handles = ("A" * 22, created["id"])
    for handle, path in itertools.product(handles, ("request", "response", "start", "return")):
        url = f"/openid4vp/{handle}/{path}"
        if path == "response":
            answer = await sqlite_asking.client.post(url, data={"error": "access_denied"})
        else:
            answer = await sqlite_asking.client.get(url)
        expected = (403, "forbidden") if path == "return" else (404, "not_found")
        assert (answer.status_code, answer.json()["code"]) == expected


async def test_the_wallets_secret_gets_no_result(sqlite_asking: AskingDesk) -> None:
    """V3: `state` is no id."""
    request = await sqlite_asking.fetch(await sqlite_asking.ask())
    answer = await sqlite_asking.client.get(f"/requests/{request.state}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_an_answer_is_kept_when_nobody_waits_for_the_reply(sqlite_asking: AskingDesk) -> None:
    created = await sqlite_asking.ask()
    request = await sqlite_asking.fetch(created)
    task = asyncio.create_task(post_answer(sqlite_asking.client, request, await good_answer(sqlite_asking, request)))
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert (await sqlite_asking.result(created))["state"] in ("fetched", "answered")
