"""Asking a phone from the desk's page: the code, the wait, the verdict, in every language and without a script."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.support.hospital import fetch_request, post_answer, post_form
from tests.support.portraits import portrait_claim
from tests.verifier.conftest import DESK_TOKEN, Registry
from tests.verifier.requests.conftest import AskingDesk, OpenAskingDesk, open_asking_desk, sqlite_asking, wallet
from vc_core.credential_types.definition import LANGUAGES
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.credential_types.portrait import parse_portrait
from vc_core.protocols.openid4vp.response import AuthorizationErrorResponse, create_response_form
from verifier.desk.page import POLICY_LABELS
from verifier.desk.texts import TEXTS
from verifier.requests.policies import POLICIES
from verifier.requests.service import PORTRAIT_AGAIN_SECONDS

__all__ = ["open_asking_desk", "sqlite_asking", "wallet"]


async def begin(desk: AskingDesk, policy: str = "coverage") -> str:
    """The address of the page that asks."""
    answer = await desk.client.post("/ask", data={"policy": policy})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def page_at(desk: AskingDesk, address: str, language: str = "en") -> str:
    """The page there."""
    answer = await desk.client.get(address, headers={"Cookie": f"language={language}"})
    assert answer.status_code == 200
    assert "script" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    return html.unescape(answer.text)


async def link_at(desk: AskingDesk, address: str) -> str:
    """The request's link, which the page shows as a picture only."""
    picture = await desk.client.get(address + "/qr.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    service = desk.desk.app.state.requests
    link: str = await service.link(address.removeprefix("/ask/"))
    return link


def test_every_policy_has_a_label() -> None:
    assert POLICY_LABELS.keys() == POLICIES.keys()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_from_the_question_to_the_verdict(sqlite_asking: AskingDesk, language: str) -> None:
    labels = TEXTS[language].labels
    front = await page_at(sqlite_asking, "/plain", language)
    for label in ("ask", "ask_what", *POLICY_LABELS.values()):
        assert labels[label] in front
    address = await begin(sqlite_asking)
    waiting = await page_at(sqlite_asking, address, language)
    assert labels["ask_scan"] in waiting
    assert labels["ask_waiting"] in waiting
    assert 'http-equiv="refresh" content="2"' in waiting
    assert f'<img src="{address}/qr.svg"' in waiting

    request = await fetch_request(sqlite_asking.client, await link_at(sqlite_asking, address))
    assert labels["ask_reading"] in await page_at(sqlite_asking, address, language)
    assert request.response_mode == "direct_post.jwt"
    holder = sqlite_asking.wallet
    shown = holder.show_sd_jwt(request, "coverage", holder.sd_jwt(INSURANCE_COVERAGE))
    assert (await post_answer(sqlite_asking.client, request, {"coverage": (shown,)})).status_code == 200
    done = await page_at(sqlite_asking, address, language)
    assert labels["accepted"] in done
    assert "Sandar Hlaing" in done
    assert "refresh" not in done
    assert labels["ask_back"] in done
    assert "<script" not in front + waiting + done
    assert "portrait" not in done, "nobody asked for one"
    assert (await sqlite_asking.client.get(address + "/portrait.jpg")).status_code == 404


async def test_a_photo_is_shown_from_this_service_for_as_long_as_it_is_told(sqlite_asking: AskingDesk) -> None:
    address, claim, holder = await begin(sqlite_asking, "identity"), portrait_claim(), sqlite_asking.wallet
    request = await fetch_request(sqlite_asking.client, await link_at(sqlite_asking, address))
    shown = holder.show_sd_jwt(request, "identity", holder.sd_jwt(HEALTH_ID, portrait=claim))
    assert (await post_answer(sqlite_asking.client, request, {"identity": (shown,)})).status_code == 200
    done = await page_at(sqlite_asking, address)
    assert f'<img class="portrait" src="{address}/portrait.jpg" alt="Photo"' in done
    photo = await sqlite_asking.client.get(address + "/portrait.jpg")
    assert (photo.headers["content-type"], photo.headers["cache-control"]) == ("image/jpeg", "no-store")
    assert photo.content == parse_portrait(claim)
    sqlite_asking.clock.advance(PORTRAIT_AGAIN_SECONDS)
    assert (await sqlite_asking.client.get(address + "/portrait.jpg")).status_code == 404
    assert "portrait" not in await page_at(sqlite_asking, address)


async def test_a_wallet_that_declines_and_one_that_never_comes(sqlite_asking: AskingDesk) -> None:
    labels = TEXTS["en"].labels
    declined, late = await begin(sqlite_asking), await begin(sqlite_asking, "guardian")
    request = await fetch_request(sqlite_asking.client, await link_at(sqlite_asking, declined))
    error = AuthorizationErrorResponse("access_denied", request.state)
    await post_form(sqlite_asking.client, request, create_response_form(error))
    page = await page_at(sqlite_asking, declined)
    assert labels["ask_declined"] in page
    assert "refresh" not in page
    sqlite_asking.clock.advance(300)
    page = await page_at(sqlite_asking, late)
    assert labels["ask_over"] in page
    assert "refresh" not in page


async def test_what_may_not_be_asked(open_asking_desk: OpenAskingDesk, registry: Registry, tmp_path: Path) -> None:
    database_url = f"sqlite+aiosqlite:///{tmp_path / 'asking.sqlite'}"
    async with open_asking_desk(database_url, hospital=registry.limited_hospital) as desk:
        answer = await desk.client.post("/ask", data={"policy": "identity"})
        assert answer.status_code == 403
        assert TEXTS["th"].labels["ask_not_accredited"] in html.unescape(answer.text)
        for form in ({"policy": "everything"}, {}):
            answer = await desk.client.post("/ask", data=form)
            assert (answer.status_code, answer.headers["location"]) == (303, "/plain")


async def test_a_desk_without_a_key(open_asking_desk: OpenAskingDesk, tmp_path: Path) -> None:
    database_url = f"sqlite+aiosqlite:///{tmp_path / 'asking.sqlite'}"
    settings: dict[str, None] = {"requests_verification_method": None, "requests_key": None}
    async with open_asking_desk(database_url, **settings) as desk:
        answer = await desk.client.post("/ask", data={"policy": "identity"})
        assert answer.status_code == 409
        assert TEXTS["th"].labels["ask_no_key"] in html.unescape(answer.text)


async def test_only_the_desks_people_ask(open_asking_desk: OpenAskingDesk, postgres_url: str) -> None:
    production = {"profile": "production", "desk_token": SecretStr(DESK_TOKEN)}
    async with open_asking_desk(postgres_url, **production) as desk:
        for answer in (
            await desk.client.post("/ask", data={"policy": "coverage"}),
            await desk.client.get("/ask/x"),
            await desk.client.get("/ask/x/qr.svg"),
        ):
            assert answer.status_code == 401
        desk.client.auth = ("desk", DESK_TOKEN)
        cross_site = {"Sec-Fetch-Site": "cross-site"}
        assert (await desk.client.post("/ask", data={"policy": "coverage"}, headers=cross_site)).status_code == 400
        address = await begin(desk)
        assert re.match(r"/ask/[A-Za-z0-9_-]{22}\Z", address)
