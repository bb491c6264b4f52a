"""Asking through the browser's Digital Credentials API, signed and unsigned, in the open and encrypted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.requests import VerifierTrust
from tests.verifier.requests.conftest import PUBLIC_URL, AskingDesk
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.protocols.openid4vp.digital_credentials import parse_digital_credentials_request
from vc_core.protocols.openid4vp.encrypted_response import encrypt_response
from vc_core.protocols.openid4vp.request import AuthorizationRequest
from vc_core.protocols.openid4vp.request_object import UnverifiedRequestObject
from vc_core.protocols.openid4vp.response import AuthorizationResponse, create_authorization_response
from vc_core.verifier_trust import verify_request_object


def read(desk: AskingDesk, entry: dict[str, Any], origin: str) -> AuthorizationRequest:
    """The request as a wallet reads it, told by the platform which page asks."""
    parsed = parse_digital_credentials_request(entry)
    if not isinstance(parsed, UnverifiedRequestObject):
        return parsed
    trust = VerifierTrust(keys={desk.hospital.requests_method: desk.hospital.requests_key.public_key})
    return verify_request_object(
        parsed, expected_client_id=None, expected_origin=origin, trust=trust, now=desk.clock()
    ).request


def answer_data(desk: AskingDesk, request: AuthorizationRequest, audience: str) -> dict[str, Any]:
    """What the wallet gives back to the page."""
    shown = desk.wallet.show_sd_jwt(request, "coverage", desk.wallet.sd_jwt(INSURANCE_COVERAGE), audience=audience)
    response = AuthorizationResponse({"coverage": (shown,)})
    if request.response_mode.is_encrypted:
        return {"response": encrypt_response(response, request.client_metadata).jwe}
    return create_authorization_response(response)


@pytest.mark.parametrize("mode", ["dc_api", "dc_api.jwt"])
@pytest.mark.parametrize("signed", [True, False])
async def test_a_page_asks_and_hands_back_the_answer(sqlite_asking: AskingDesk, mode: str, signed: bool) -> None:
    desk, page = sqlite_asking, "https://riverside.example"
    created = await desk.ask("coverage", mode, signed=signed, expected_origins=[page])
    assert created["authorization_request"] is None
    path = f"/requests/{created['id']}/digital-credential"
    options = (await desk.client.get(path)).json()
    (entry,) = options["digital"]["requests"]
    assert entry["protocol"] == ("openid4vp-v1-signed" if signed else "openid4vp-v1-unsigned")
    request = read(desk, entry, page)
    assert request.state is None

    answer = {"protocol": entry["protocol"], "data": answer_data(desk, request, f"origin:{page}")}
    got = await desk.client.post(path, json=answer)
    assert (got.status_code, got.json()["verdict"]) == (200, "accepted"), got.text
    again = await desk.client.post(path, json=answer)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "audience", ["client", f"origin:{PUBLIC_URL}/", PUBLIC_URL, "origin:https://elsewhere.example"]
)
async def test_the_audience_is_the_page_even_of_signed_requests(sqlite_asking: AskingDesk, audience: str) -> None:
    created = await sqlite_asking.ask("coverage", "dc_api")
    request = read(sqlite_asking, created["digital_credentials_request"], PUBLIC_URL)
    audience = str(request.client_id) if audience == "client" else audience
    data = answer_data(sqlite_asking, request, audience)
    answer = {"protocol": "openid4vp-v1-signed", "data": data}
    got = await sqlite_asking.client.post(f"/requests/{created['id']}/digital-credential", json=answer)
    assert (got.json()["verdict"], got.json()["code"]) == ("rejected", "WRONG_AUDIENCE")


async def test_a_wallet_that_declines(sqlite_asking: AskingDesk) -> None:
    created = await sqlite_asking.ask("coverage", "dc_api.jwt")
    answer = {"protocol": "openid4vp-v1-signed", "data": {"error": "access_denied"}}
    got = await sqlite_asking.client.post(f"/requests/{created['id']}/digital-credential", json=answer)
    assert (got.json()["state"], got.json()["error"]) == ("refused", "access_denied")


async def test_the_two_ways_do_not_mix(sqlite_asking: AskingDesk) -> None:
    by_page, by_link = await sqlite_asking.ask("coverage", "dc_api"), await sqlite_asking.ask()
    client = sqlite_asking.client
    assert (await client.get(f"/requests/{by_link['id']}/digital-credential")).json()["code"] == "conflict"
    assert (await client.get(f"/requests/{by_page['id']}/qr.png")).json()["code"] == "conflict"
    answer = {"protocol": "openid4vp-v1-signed", "data": {"error": "access_denied"}}
    got = await client.post(f"/requests/{by_link['id']}/digital-credential", json=answer)
    assert (got.status_code, got.json()["code"]) == (404, "not_found")


NOT_STRICT_JSON = [
    '{"error":"\\ud800"}',
    '{"vp_token":{"coverage":["\\ud800~"]}}',
    '{"\\ud800":1}',
    '{"error":"access_denied","more":NaN}',
    '{"error":"access_denied","more":1e999}',
    '{"error":"access_denied","more":' + "[" * 40 + "]" * 40 + "}",
    '{"error":"access_denied","more":' + "[" * 20_000 + "]" * 20_000 + "}",
    '{"error":"access_denied","error":"invalid_request"}',
]


async def test_answers_are_read_as_strictly_as_wallets_posts(sqlite_asking: AskingDesk) -> None:
    created = await sqlite_asking.ask("coverage", "dc_api")
    path, headers = f"/requests/{created['id']}/digital-credential", {"Content-Type": "application/json"}
    bodies = [f'{{"protocol":"openid4vp-v1-signed","data":{each}}}' for each in NOT_STRICT_JSON]
    for body in (*bodies, '{"protocol":"a","\\ud800":1}', "[]", "", "{"):
        got = await sqlite_asking.client.post(path, content=body, headers=headers)
        assert (got.status_code, got.json()["code"]) == (400, "invalid_request"), body[:80]
    assert (await sqlite_asking.result(created))["state"] == "created"


async def test_what_is_to_be_signed_is_read_strictly(sqlite_asking: AskingDesk) -> None:
    """What a holder signs must not depend on which of two members of one name is taken."""
    start = '{"policy":"coverage","response_mode":"direct_post","transaction_data":[{"type":"a","members":'
    for members in ('{"a":"1","a":"2"}', '{"\\ud800":"1"}', '{"a":NaN}'):
        got = await sqlite_asking.client.post(
            "/requests", content=start + members + "}]}", headers={"Content-Type": "application/json"}
        )
        assert (got.status_code, got.json()["code"]) == (400, "invalid_request")
