"""Signing in by a health ID from the wallet, and what does not sign anybody in."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx
import pytest

from issuer.authorization.presentations import PRESENTATION_LIFETIME
from tests.issuer.authorization.browser import PatientsBrowser, code_in, request_fields
from tests.issuer.test_offers_and_tokens import make_offer, refusal
from tests.issuer.wallet import COVERAGE, HEALTH_ID, OFFICER, Wallet
from tests.support.clock import SetClock
from vc_core.crypto.keys import P256Signer
from vc_core.formats.sd_jwt import create_sd_jwt_presentation
from vc_core.protocols.openid4vci.offer import parse_credential_offer
from vc_core.protocols.openid4vp.request import AuthorizationRequest, parse_authorization_request_link
from vc_core.protocols.openid4vp.response import (
    AuthorizationErrorResponse,
    AuthorizationResponse,
    create_response_form,
    parse_response_answer,
)


async def asked(browser: PatientsBrowser, fields: dict[str, str]) -> AuthorizationRequest:
    """What the page asks the wallet, read by the wallet from the link."""
    await browser.open_pushed(fields)
    page = await browser.submit("present", {})
    assert page.status_code == 200
    found = re.search('href="(openid4vp:[^"]+)"', page.text)
    assert found is not None
    request = parse_authorization_request_link(html.unescape(found[1]))
    assert isinstance(request, AuthorizationRequest)
    return request


async def answered(
    wallet: Wallet, request: AuthorizationRequest, health_id: str, clock: SetClock, **changes: Any
) -> httpx.Response:
    """The wallet's answer, which shows the health number only."""
    members: dict[str, Any] = {
        "disclose": ["health_id"],
        "holder": wallet.key,
        "presented_at": clock(),
        "audience": str(request.client_id),
        "nonce": request.nonce,
    }
    presented = create_sd_jwt_presentation(health_id, **members | changes)
    response = AuthorizationResponse({"health_id": (presented,)}, request.state)
    return await wallet.client.post(str(request.response_uri), data=create_response_form(response))


async def test_a_health_id_signs_its_holder_in(
    people: dict[str, str], browser: PatientsBrowser, wallet: Wallet, clock: SetClock
) -> None:
    health_id = await wallet.issued(people["A1"], HEALTH_ID)
    request = await asked(browser, request_fields(COVERAGE))
    answer = await answered(wallet, request, health_id, clock)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    back = str(parse_response_answer(answer.json()).redirect_uri)
    assert refusal(await answered(wallet, request, health_id, clock)) == (400, "invalid_request")
    assert (await browser.client.get(back)).headers["location"] == "/authorize/page"
    assert (await browser.client.get(back)).status_code == 400
    browser.page = (await browser.client.get("/authorize/page")).text
    assert "Maung Maung" in browser.page
    assert (await browser.token(code_in(await browser.decide()))).status_code == 200


async def test_a_link_that_was_passed_on_signs_nobody_in(
    people: dict[str, str], browser: PatientsBrowser, wallet: Wallet, clock: SetClock
) -> None:
    """An attacker's browser asks, a victim's wallet answers: the victim's browser has no cookie of that request."""
    health_id = await wallet.issued(people["A1"], HEALTH_ID)
    request = await asked(browser, request_fields(COVERAGE))
    back = str(parse_response_answer((await answered(wallet, request, health_id, clock)).json()).redirect_uri)
    attackers = browser.client.cookies.get("authorization")
    browser.client.cookies.clear()
    assert (await browser.client.get(back)).status_code == 400
    await browser.open_pushed(request_fields(COVERAGE))
    assert (await browser.client.get(back)).status_code == 400
    assert browser.client.cookies.get("authorization") != attackers
    assert "Maung Maung" not in (await browser.client.get("/authorize/page")).text


@pytest.mark.parametrize(
    "changes",
    [
        {"audience": "redirect_uri:https://evil.test"},
        {"nonce": "another"},
        {"holder": P256Signer.generate()},
        {"presented_at": 0},
    ],
)
async def test_presentations_that_sign_nobody_in(
    people: dict[str, str], browser: PatientsBrowser, wallet: Wallet, clock: SetClock, changes: dict[str, Any]
) -> None:
    health_id = await wallet.issued(people["A1"], HEALTH_ID)
    request = await asked(browser, request_fields(COVERAGE))
    assert refusal(await answered(wallet, request, health_id, clock, **changes)) == (400, "invalid_request")
    assert (await answered(wallet, request, health_id, clock)).status_code == 200


async def test_other_credentials_and_answers(
    people: dict[str, str], browser: PatientsBrowser, wallet: Wallet, clock: SetClock, client: httpx.AsyncClient
) -> None:
    health_id, coverage = await wallet.issued(people["A1"], HEALTH_ID), await wallet.issued(people["A1"], COVERAGE)
    request = await asked(browser, request_fields(COVERAGE))
    assert refusal(await answered(wallet, request, coverage, clock)) == (400, "invalid_request")
    for response in (
        AuthorizationResponse({"health_id": ()}, request.state),
        AuthorizationResponse({"other": ("x",)}, request.state),
        AuthorizationErrorResponse("access_denied", request.state),
        AuthorizationResponse({"health_id": ("x",)}, "unknown"),
    ):
        answer = await client.post(str(request.response_uri), data=create_response_form(response))
        assert refusal(answer) == (400, "invalid_request")
    change = {"credential_type": "HealthId", "status": "revoked", "reason": "wrong_data"}
    await client.post(f"/people/{people['A1']}/status", json=change, headers=OFFICER)
    assert refusal(await answered(wallet, request, health_id, clock)) == (400, "invalid_request")
    clock.advance(PRESENTATION_LIFETIME)
    renewed = await wallet.issued(people["A1"], HEALTH_ID)
    assert refusal(await answered(wallet, request, renewed, clock)) == (400, "invalid_request")


async def test_another_patient_s_offer_stays_theirs(
    client: httpx.AsyncClient, people: dict[str, str], browser: PatientsBrowser, wallet: Wallet, clock: SetClock
) -> None:
    health_id = await wallet.issued(people["A2"], HEALTH_ID)
    made = (await make_offer(client, people["A1"], grants=["authorization_code"])).json()
    offer = parse_credential_offer((await client.get(made["credential_offer_uri"])).content)
    assert offer.authorization_code is not None
    request = await asked(browser, request_fields(issuer_state=str(offer.authorization_code.issuer_state)))
    back = str(parse_response_answer((await answered(wallet, request, health_id, clock)).json()).redirect_uri)
    assert (await browser.client.get(back)).status_code == 400
