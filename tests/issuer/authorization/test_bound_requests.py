"""Authorization codes that are bound to a wallet's keys since its pushed request (RFC 9449 section 10), or by name."""

from __future__ import annotations

import httpx
import pytest

from issuer.settings import Demand, IssuerSettings
from tests.issuer.authorization.browser import PatientsBrowser, request_fields
from tests.issuer.authorization.prover import CLIENT_ID, Prover, refusal
from tests.issuer.conftest import Chain
from tests.issuer.wallet import COVERAGE
from tests.support.clock import SetClock
from vc_core.crypto.keys import P256Signer

UNKNOWN_CLIENT = (401, "invalid_client")


@pytest.fixture
def demand() -> Demand:
    """What the issuer demands of both kinds of proof, unless a test says otherwise."""
    return Demand.OPTIONAL


@pytest.fixture
def settings(settings: IssuerSettings, demand: Demand) -> IssuerSettings:
    return settings.model_copy(update={"dpop": demand, "wallet_attestation": demand})


@pytest.fixture
def prover(client: httpx.AsyncClient, clock: SetClock, chain: Chain) -> Prover:
    return Prover(client, clock, chain.wallet_provider)


@pytest.mark.parametrize("by_name", [True, False])
async def test_a_code_is_bound_to_the_key_of_its_request(
    people: dict[str, str], browser: PatientsBrowser, prover: Prover, by_name: bool
) -> None:
    jkt, thief = prover.key.public_key.thumbprint(), P256Signer.generate()
    fields = request_fields(COVERAGE, dpop_jkt=jkt if by_name else "")
    headers = None if by_name else await prover.dpop("/par")
    code = await browser.authorized(people["A1"], fields, headers)

    assert refusal(await browser.token(code)) == (400, "invalid_grant")
    assert refusal(await browser.token(code, await prover.dpop(signer=thief))) == (400, "invalid_grant")
    answer = await browser.token(code, await prover.dpop())
    assert (answer.status_code, answer.json()["token_type"]) == (200, "DPoP")


async def test_proofs_that_a_pushed_request_is_refused_for(browser: PatientsBrowser, prover: Prover) -> None:
    fields = request_fields(COVERAGE)
    answer = await browser.push(fields, await prover.dpop("/par", nonce=None))
    assert refusal(answer) == (400, "use_dpop_nonce")
    assert answer.headers["dpop-nonce"]
    assert refusal(await browser.push(fields, await prover.dpop("/token"))) == (400, "invalid_dpop_proof")
    other = P256Signer.generate().public_key.thumbprint()
    answer = await browser.push(fields | {"dpop_jkt": other}, await prover.dpop("/par"))
    assert refusal(answer) == (400, "invalid_request")
    assert refusal(await browser.push(fields, await prover.attested())) == UNKNOWN_CLIENT  # it is for another client


async def test_an_attested_wallet_needs_no_registration(
    people: dict[str, str], browser: PatientsBrowser, prover: Prover
) -> None:
    fields = request_fields(COVERAGE, client_id=CLIENT_ID)
    assert refusal(await browser.push(fields)) == UNKNOWN_CLIENT
    code = await browser.authorized(people["A1"], fields, await prover.attested())

    own = prover.instance
    assert refusal(await browser.token(code, client_id=CLIENT_ID)) == (400, "invalid_grant")
    prover.instance = P256Signer.generate()
    assert refusal(await browser.token(code, await prover.attested(), client_id=CLIENT_ID)) == (400, "invalid_grant")
    prover.instance = own
    assert (await browser.token(code, await prover.attested(), client_id=CLIENT_ID)).status_code == 200


@pytest.mark.parametrize("demand", [Demand.REQUIRED])
async def test_where_both_are_demanded(people: dict[str, str], browser: PatientsBrowser, prover: Prover) -> None:
    fields = request_fields(COVERAGE, client_id=CLIENT_ID)
    assert refusal(await browser.push(fields, await prover.dpop("/par"))) == UNKNOWN_CLIENT
    answer = await browser.push(fields, await prover.attested(challenge=None))
    assert refusal(answer) == (400, "use_attestation_challenge")
    by_name = fields | {"dpop_jkt": prover.key.public_key.thumbprint()}
    code = await browser.authorized(people["A1"], by_name, await prover.attested())

    attested = await prover.attested()
    assert refusal(await browser.token(code, attested, client_id=CLIENT_ID)) == (400, "invalid_dpop_proof")
    assert refusal(await browser.token(code, await prover.dpop(), client_id=CLIENT_ID)) == UNKNOWN_CLIENT
    answer = await browser.token(code, attested | await prover.dpop(), client_id=CLIENT_ID)
    assert (answer.status_code, answer.json()["token_type"]) == (200, "DPoP")
