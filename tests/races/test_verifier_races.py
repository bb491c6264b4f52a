"""What may happen once at a desk, tried fifty times at once, at two processes of a verifier that share a database."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sabai.organisations import HOSPITAL_A, PAYER
from sabai.servers import Served, listen, serving, url_of
from tests.races.conftest import fresh_database
from tests.support.claims import sample_claims
from tests.support.hospital import fetch_request
from tests.support.passkeys import SecurityKey
from tests.support.processes import LedgerOverRpc, ledger_over_rpc, running_processes
from vc_core.clock import system_clock
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.jwe import EncryptionKey
from vc_core.crypto.keys import P256Signer
from vc_core.formats.credential import StatusReference
from vc_core.formats.desk_challenge import create_answer, parse_challenge
from vc_core.formats.printed_card import create_printed_card
from vc_core.formats.qr_pass import create_qr_pass
from vc_core.formats.sd_jwt import create_sd_jwt_presentation, create_sd_jwt_vc
from vc_core.formats.status_list import StatusList, create_status_list_token
from vc_core.protocols.openid4vp.encrypted_response import encrypt_response
from vc_core.protocols.openid4vp.request import AuthorizationRequest
from vc_core.protocols.openid4vp.response import AuthorizationResponse, create_response_form
from verifier.checks.pins import day_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLIENTS = 50
DESK = "https://desk.test"
TOKEN = "desk-token-of-the-tests-0123456789"
MANAGER_TOKEN = "manager-token-of-the-tests-0123456789"
DAY = 86_400


@dataclass
class TwoDesks:
    """The processes, by a client of each, and a patient with a coverage."""

    clients: Sequence[httpx.AsyncClient]
    holder: P256Signer
    sd_jwt: str
    qr_pass: bytes

    async def ask(self, **members: Any) -> tuple[dict[str, Any], AuthorizationRequest]:
        """A new request, and what the wallet gets of it."""
        body = {"policy": "coverage", "response_mode": "direct_post.jwt", **members}
        made = await self.clients[0].post("/requests", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
        assert made.status_code == 201, made.text
        return made.json(), await fetch_request(self.clients[1], made.json()["authorization_request"])

    async def answer(self, number: int, request: AuthorizationRequest) -> httpx.Response:
        """A good answer, each time anew, to one process or the other."""
        shown = create_sd_jwt_presentation(
            self.sd_jwt,
            disclose=["name", "name_latin", "birth_year"],
            holder=self.holder,
            presented_at=system_clock(),
            audience=str(request.client_id),
            nonce=request.nonce,
        )
        response = AuthorizationResponse({"coverage": (shown,)}, request.state)
        assert request.client_metadata is not None
        form = create_response_form(encrypt_response(response, request.client_metadata))
        path = (request.response_uri or "").removeprefix(DESK)
        return await self.clients[number % len(self.clients)].post(path, data=form)

    async def check(self, number: int, body: dict[str, str]) -> httpx.Response:
        """What a desk says of a code, at one process or the other."""
        client = self.clients[number % len(self.clients)]
        return await client.post("/checks", json=body, headers={"Authorization": f"Bearer {TOKEN}"})

    async def result(self, created: dict[str, Any]) -> dict[str, Any]:
        """What the desk's program sees of a request."""
        answer = await self.clients[0].get(f"/requests/{created['id']}", headers={"Authorization": f"Bearer {TOKEN}"})
        return dict(answer.json())


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
async def desks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TwoDesks]:
    """Two verifiers of one hospital, ready, and an issuer's status list."""
    folder: Path = tmp_path_factory.mktemp("desks")
    with fresh_database(request, folder / "verifier.sqlite") as url:
        async with ledger_over_rpc(folder) as ledger, _issued(ledger) as (holder, sd_jwt, qr_pass):
            hospital = ledger.registered.organisations[HOSPITAL_A.slug]
            assert hospital.requests_key is not None
            environment = {
                **ledger.environment(),
                "PUBLIC_URL": DESK,
                "DATABASE_URL": url,
                "FACILITY_DID": hospital.did,
                "FACILITY_NAME": HOSPITAL_A.name,
                "HOSPITAL_CODE": HOSPITAL_A.hospital_code or "",
                "DESK_TOKEN": TOKEN,
                "MANAGER_TOKEN": MANAGER_TOKEN,
                "PRINTED_CARDS": "true",
                "REQUESTS_KEY": str(hospital.requests_key_path),
                "REQUESTS_VERIFICATION_METHOD": ledger.registered.methods[hospital.requests_key.public_key],
            }
            async with running_processes("verifier", 2, environment) as clients:
                yield TwoDesks(clients, holder, sd_jwt, qr_pass)


@asynccontextmanager
async def _issued(ledger: LedgerOverRpc) -> AsyncIterator[tuple[P256Signer, str, bytes]]:
    """A holder's key and their coverage in two formats, while its status list can be fetched."""
    payer, methods, now = ledger.registered.organisations[PAYER.slug], ledger.registered.methods, system_clock()
    listener, holder = listen("127.0.0.1", 0), P256Signer.generate()
    uri = url_of(listener) + "/status"
    token = create_status_list_token(
        StatusList(2, 64),
        uri=uri,
        verification_method=methods[payer.status_key.public_key],
        signer=payer.status_key,
        issued_at=now,
        expires_at=now + DAY,
        time_to_live=DAY,
    )

    async def status(_request: Request) -> Response:
        return Response(token, media_type="application/statuslist+jwt")

    claims = sample_claims(INSURANCE_COVERAGE) | {"covered_from": "2020-01-01", "covered_until": "2099-12-31"}
    issued: dict[str, Any] = {
        "verification_method": methods[payer.credential_key.public_key],
        "signer": payer.credential_key,
        "issued_at": now,
        "expires_at": now + DAY,
        "status": StatusReference(uri, 7),
        "holder_key": holder.public_key,
    }
    sd_jwt = create_sd_jwt_vc(INSURANCE_COVERAGE, claims, **issued, randomness=secrets.token_bytes)
    in_pass = {claim.name for claim in INSURANCE_COVERAGE.qr_claims().values()}
    qr_pass = create_qr_pass(INSURANCE_COVERAGE, {name: claims[name] for name in in_pass}, **issued)
    async with serving([Served(Starlette(routes=[Route("/status", status)]), listener)]):
        yield holder, sd_jwt, qr_pass


async def at_once(ask: Callable[[int], Awaitable[httpx.Response]]) -> Counter[tuple[int, str]]:
    """How often each answer was given: its status, and its error."""
    answers = await asyncio.gather(*(ask(number) for number in range(CLIENTS)))
    kinds = [each.json() if "json" in each.headers["content-type"] else {} for each in answers]
    return Counter(
        (each.status_code, kind.get("error", kind.get("code", ""))) for each, kind in zip(answers, kinds, strict=True)
    )


async def test_a_request_is_answered_once(desks: TwoDesks) -> None:
    """V2."""
    created, request = await desks.ask()
    answers = await at_once(lambda number: desks.answer(number, request))
    assert answers == {(200, ""): 1, (400, "invalid_request"): CLIENTS - 1}
    result = await desks.result(created)
    assert (result["state"], result["verdict"], result["code"]) == ("answered", "accepted", "OK")


async def test_a_response_code_ends_one_session(desks: TwoDesks) -> None:
    """V1, V3: of fifty browsers that come back with the code at once, one is told that it is done."""
    created, request = await desks.ask(same_device=True)
    start = await desks.clients[0].get(created["start_url"].removeprefix(DESK))
    cookie = start.headers["set-cookie"].partition(";")[0]
    given = await desks.answer(0, request)
    path = given.json()["redirect_uri"].removeprefix(DESK)
    assert (await desks.result(created))["verdict"] is None

    async def come_back(number: int) -> httpx.Response:
        return await desks.clients[number % 2].get(path, headers={"Cookie": cookie})

    answers = await at_once(come_back)
    assert answers[(200, "")] == 1
    assert {status for status, _ in answers} == {200, 403}
    assert (await desks.result(created))["verdict"] == "accepted"


async def test_an_invitation_makes_one_passkey_and_an_answer_opens_one_session(desks: TwoDesks) -> None:
    """Fifty security keys that hold one link at once, and fifty times the answer of the one that was first."""
    bearer = {"Authorization": f"Bearer {MANAGER_TOKEN}"}
    invited = await desks.clients[0].post("/staff/members", json={"name": "Somsri", "role": "desk"}, headers=bearer)
    code = invited.json()["link"].partition("#invitation=")[2]
    options = (await desks.clients[1].post("/staff/invitations/open", json={"code": code})).json()["options"]
    keys = [SecurityKey(DESK, secrets.token_bytes(16)) for _ in range(CLIENTS)]
    first: list[SecurityKey] = []

    async def accept(number: int) -> httpx.Response:
        body = {"code": code, "credential": keys[number].create(options)}
        answer = await desks.clients[number % 2].post("/staff/invitations/accept", json=body)
        first.extend([keys[number]] if answer.status_code == 201 else [])
        return answer

    assert await at_once(accept) == {(201, ""): 1, (404, "not_found"): CLIENTS - 1}
    [listed] = (await desks.clients[0].get("/staff/members", headers=bearer)).json()["members"]
    assert listed["passkeys"] == 1
    asked = (await desks.clients[0].post("/staff/sign-in/options")).json()["options"]
    answer = {"credential": first[0].get(asked)}
    signed_in = await at_once(lambda number: desks.clients[number % 2].post("/staff/sign-in", json=answer))
    assert signed_in == {(200, ""): 1, (401, "unauthenticated"): CLIENTS - 1}


async def test_a_challenge_is_answered_once(desks: TwoDesks) -> None:
    """V6: by fifty answers, each another."""
    made = await desks.clients[0].post("/challenges", headers={"Authorization": f"Bearer {TOKEN}"})
    challenge = parse_challenge(made.json()["qr"]).challenge

    async def answer(number: int) -> httpx.Response:
        shown = create_answer(
            desks.qr_pass,
            challenge,
            holder=desks.holder,
            presented_at=system_clock(),
            ephemeral=EncryptionKey.generate(),
            initialization_vector=secrets.token_bytes(12),
        )
        return await desks.check(number, {"qr": shown})

    assert await at_once(answer) == {(200, "OK"): 1, (200, "REPLAYED"): CLIENTS - 1}


async def test_five_wrong_pins_are_tried(desks: TwoDesks) -> None:
    """V6: of fifty guesses at a printed card's PIN."""
    now = system_clock()
    card = create_printed_card(
        desks.qr_pass, holder=desks.holder, printed_at=now, expires_at=now + 3600, pin="140326", salt=bytes(16)
    )
    answers = await at_once(lambda number: desks.check(number, {"qr": card, "pin": f"{number:06}"}))
    tried, days = answers[(200, "WRONG_PIN")], 1 + day_of(system_clock()) - day_of(now)
    assert answers == {(200, "WRONG_PIN"): tried, (200, "PIN_LOCKED"): CLIENTS - tried}
    assert 5 <= tried <= 5 * days  # another day has five of its own, and midnight may just have been
