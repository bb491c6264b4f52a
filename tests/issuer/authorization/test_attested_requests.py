"""The authorization page's requests from wallets that prove who they are: what codes and tokens are then bound to."""

from __future__ import annotations

import httpx
import pytest

from tests.issuer.authorization.browser import BACK, VERIFIER, PatientsBrowser, code_in, request_fields
from tests.issuer.authorization.prover import CLIENT_ID, Prover, refusal
from tests.issuer.conftest import Chain
from tests.issuer.wallet import COVERAGE
from tests.support.clock import SetClock
from vc_core.crypto.keys import P256Signer
from vc_core.protocols.oauth.pushed_authorization import create_pushed_reference
from vc_core.protocols.oauth.token import AuthorizationCodeGrant, TokenRequest, create_token_request


@pytest.fixture
def prover(client: httpx.AsyncClient, clock: SetClock, chain: Chain) -> Prover:
    """A wallet that nobody registered, whose provider vouches for it."""
    return Prover(client, clock, chain.wallet_provider)


async def test_an_attested_wallet_needs_no_registration_and_its_code_is_its_own(
    people: dict[str, str], browser: PatientsBrowser, prover: Prover
) -> None:
    fields = request_fields(COVERAGE, client_id=CLIENT_ID)
    assert refusal(await browser.push(fields)) == (401, "invalid_client")
    assert (await browser.open(fields)).status_code == 400
    headers = await prover.attested() | await prover.dpop("/par")
    pushed = await prover.client.post("/par", data=fields, headers=headers)
    assert pushed.status_code == 201, pushed.text
    await browser.open(create_pushed_reference(CLIENT_ID, pushed.json()["request_uri"]))
    consent = await browser.sign_in(await browser.office_code(people["A1"]))
    assert CLIENT_ID in consent.text
    code = code_in(await browser.decide())
    form = create_token_request(TokenRequest(AuthorizationCodeGrant(code, BACK, VERIFIER), CLIENT_ID))
    own, other = prover.instance, P256Signer.generate()
    for instance, key in ((None, prover.key), (other, prover.key), (own, None), (own, other)):
        prover.instance = instance or own
        sent = {} if instance is None else await prover.attested()
        sent |= {} if key is None else await prover.dpop(signer=key)
        assert refusal(await prover.client.post("/token", data=form, headers=sent)) == (400, "invalid_grant")
    prover.instance = own
    answer = await prover.client.post("/token", data=form, headers=await prover.attested() | await prover.dpop())
    assert (answer.status_code, answer.json()["token_type"]) == (200, "DPoP")


async def test_a_pushed_request_names_no_other_key_than_its_proof_s(browser: PatientsBrowser, prover: Prover) -> None:
    fields = request_fields(COVERAGE, dpop_jkt="k" * 43)
    answer = await browser.client.post("/par", data=fields, headers=await prover.dpop("/par"))
    assert refusal(answer) == (400, "invalid_request")
    again = await browser.client.post("/par", data=fields, headers=await prover.dpop("/token"))
    assert refusal(again) == (400, "invalid_dpop_proof")
