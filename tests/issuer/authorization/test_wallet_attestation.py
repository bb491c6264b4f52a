"""Wallets that show what their provider says of them: who is believed, and what is refused with which code."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from issuer.authorization.server_nonces import NONCE_LIFETIME
from issuer.settings import Demand, IssuerSettings
from tests.issuer.authorization.prover import CLIENT_ID, Prover, refusal
from tests.issuer.conftest import Chain
from tests.support.clock import SetClock
from vc_core.crypto.keys import P256Signer
from vc_core.protocols.oauth.client_attestation import POP_WINDOW_SECONDS

INVALID = (401, "invalid_client")


@pytest.fixture
def demand() -> Demand:
    """What the issuer demands, unless a test says otherwise."""
    return Demand.OPTIONAL


@pytest.fixture
def settings(settings: IssuerSettings, demand: Demand) -> IssuerSettings:
    return settings.model_copy(update={"wallet_attestation": demand})


@pytest.fixture
def prover(client: httpx.AsyncClient, clock: SetClock, chain: Chain) -> Prover:
    return Prover(client, clock, chain.wallet_provider)


@pytest.mark.parametrize("demand", [Demand.REQUIRED])
async def test_where_attestation_is_demanded(people: dict[str, str], prover: Prover, chain: Chain) -> None:
    assert refusal(await prover.redeem(people["A1"])) == INVALID
    answer = await prover.redeem(people["A1"], await prover.attested(challenge=None))
    assert refusal(answer) == (400, "use_attestation_challenge")
    challenge = answer.headers["oauth-client-attestation-challenge"]
    assert (await prover.redeem(people["A1"], await prover.attested(challenge=challenge))).status_code == 200
    metadata = (await prover.client.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["token_endpoint_auth_methods_supported"] == ["attest_jwt_client_auth"]
    assert metadata["pre-authorized_grant_anonymous_access_supported"] is False


@pytest.mark.parametrize("demand", [Demand.OFF])
async def test_where_attestation_is_off(people: dict[str, str], prover: Prover) -> None:
    headers = {"OAuth-Client-Attestation": "a.b.c", "OAuth-Client-Attestation-PoP": "a.b.c"}
    assert (await prover.redeem(people["A1"], headers)).status_code == 200
    metadata = (await prover.client.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["token_endpoint_auth_methods_supported"] == ["none"]
    assert "challenge_endpoint" not in metadata


async def test_attestations_that_are_refused(people: dict[str, str], prover: Prover) -> None:
    stranger, now = P256Signer.generate(), prover.clock()
    good = await prover.attested()
    changes: list[dict[str, Any]] = [
        {"signer": stranger},
        {"method": prover.provider.method.replace("delegate-1", "delegate-2")},
        {"method": "did:ethr:0x539:0x" + "1" * 40 + "#delegate-1"},
        {"issued_at": now + 100},
        {"client_id": "https://other.test"},
    ]
    for change in changes:
        headers = await prover.attested(prover.attestation(**change))
        assert refusal(await prover.redeem(people["A1"], headers)) == INVALID
    expired = await prover.attested(prover.attestation(expires_at=now))
    assert refusal(await prover.redeem(people["A1"], expired)) == (400, "use_fresh_attestation")
    for headers in (
        {**good, "OAuth-Client-Attestation": "a.b.c"},
        {**good, "OAuth-Client-Attestation-PoP": "a.b.c"},
        {"OAuth-Client-Attestation": good["OAuth-Client-Attestation"]},
        {"OAuth-Client-Attestation-PoP": good["OAuth-Client-Attestation-PoP"]},
    ):
        assert refusal(await prover.redeem(people["A1"], headers)) == INVALID
    twice = [*good.items(), *good.items()]
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    assert refusal(await prover.client.post("/token", data=form, headers=twice)) == INVALID
    assert (await prover.redeem(people["A1"], good)).status_code == 200


async def test_proofs_that_are_refused(people: dict[str, str], prover: Prover) -> None:
    for change in (
        {"signer": P256Signer.generate()},
        {"audience": "https://other.test"},
        {"client_id": "https://other.test"},
        {"issued_at": prover.clock() - POP_WINDOW_SECONDS - 1},
        {"jti": ""},
    ):
        answer = await prover.redeem(people["A1"], await prover.attested(**change))
        assert refusal(answer) == INVALID
    good = await prover.attested()
    assert refusal(await prover.redeem(people["A1"], good, client_id="https://other.test")) == INVALID
    fresh = await prover.attested()
    assert (await prover.redeem(people["A1"], fresh, client_id=CLIENT_ID)).status_code == 200
    assert refusal(await prover.redeem(people["A1"], fresh)) == INVALID  # replayed


async def test_challenges_that_are_not_ours_or_no_longer(
    people: dict[str, str], prover: Prover, clock: SetClock
) -> None:
    stale, of_dpop = await prover.challenge(), await prover.dpop_nonce()
    clock.advance(NONCE_LIFETIME)
    for challenge in ("made-up", stale, of_dpop):
        answer = await prover.redeem(people["A1"], await prover.attested(challenge=challenge))
        assert refusal(answer) == (400, "use_attestation_challenge")
        assert answer.headers["oauth-client-attestation-challenge"]
    answer = await prover.redeem(people["A1"], await prover.attested(challenge=None))
    assert answer.status_code == 200  # where it is optional, the proof's jti has to do


async def test_a_proof_counts_once_however_many_send_it(people: dict[str, str], prover: Prover) -> None:
    headers = await prover.attested()
    forms = [{"grant_type": "refresh_token", "refresh_token": str(number)} for number in range(10)]
    answers = await asyncio.gather(*(prover.client.post("/token", data=form, headers=headers) for form in forms))
    codes = sorted(answer.json()["error"] for answer in answers)
    assert codes == ["invalid_client"] * 9 + ["invalid_grant"]


async def test_tokens_are_bound_to_the_attested_key(people: dict[str, str], prover: Prover) -> None:
    answer = await prover.redeem(people["A1"], {**await prover.attested(), **await prover.dpop()})
    assert (answer.status_code, answer.json()["token_type"]) == (200, "DPoP")
    token = answer.json()["refresh_token"]
    own = prover.instance

    assert refusal(await prover.refresh(token, await prover.dpop())) == (400, "invalid_grant")
    prover.instance = P256Signer.generate()
    other = {**await prover.attested(), **await prover.dpop()}
    assert refusal(await prover.refresh(token, other)) == (400, "invalid_grant")
    prover.instance = own
    renewed = {**await prover.attested(), **await prover.dpop()}  # a new attestation of the same key
    assert (await prover.refresh(token, renewed)).status_code == 200


async def test_what_comes_with_a_stale_nonce_may_be_sent_again(people: dict[str, str], prover: Prover) -> None:
    attested = await prover.attested()
    answer = await prover.redeem(people["A1"], attested | await prover.dpop(nonce=None))
    assert refusal(answer) == (400, "use_dpop_nonce")
    assert (await prover.redeem(people["A1"], attested | await prover.dpop())).status_code == 200
