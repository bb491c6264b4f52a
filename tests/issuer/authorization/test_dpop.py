"""Tokens that are bound to a wallet's key (RFC 9449; row I8 of the security model), on both databases."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from issuer.authorization.server_nonces import NONCE_LIFETIME
from issuer.settings import Demand, IssuerSettings
from tests.issuer.authorization.prover import Prover, refusal
from tests.issuer.conftest import Chain
from tests.support.clock import SetClock
from vc_core.crypto.keys import P256Signer
from vc_core.protocols.oauth.dpop import DPOP_WINDOW_SECONDS

INVALID = (400, "invalid_dpop_proof")
ALGORITHMS = 'algs="ES256"'


@pytest.fixture
def demand() -> Demand:
    """What the issuer demands, unless a test says otherwise."""
    return Demand.OPTIONAL


@pytest.fixture
def settings(settings: IssuerSettings, demand: Demand) -> IssuerSettings:
    return settings.model_copy(update={"dpop": demand})


@pytest.fixture
def prover(client: httpx.AsyncClient, clock: SetClock, chain: Chain) -> Prover:
    return Prover(client, clock, chain.wallet_provider)


async def bound_token(prover: Prover, person_id: str) -> dict[str, Any]:
    """A token response whose tokens are bound to the prover's key."""
    answer = await prover.redeem(person_id, await prover.dpop())
    assert answer.status_code == 200, answer.text
    assert answer.json()["token_type"] == "DPoP"
    return dict(answer.json())


async def test_a_bound_token_is_good_with_its_key_only(people: dict[str, str], prover: Prover) -> None:
    token = (await bound_token(prover, people["A1"]))["access_token"]
    thief = P256Signer.generate()
    nonce = await prover.dpop_nonce()
    at_credential = {"path": "/credential", "access_token": token}

    attempts = [
        await prover.credential(token, scheme="Bearer"),
        await prover.credential(token, await prover.dpop(**at_credential), scheme="Bearer"),
        await prover.credential(token, await prover.dpop(**at_credential, signer=thief)),
    ]
    for answer in attempts:
        assert refusal(answer) == (401, "invalid_token")
    assert [answer.headers["www-authenticate"].partition(" ")[0] for answer in attempts] == ["Bearer", "Bearer", "DPoP"]

    for headers in (
        {},
        await prover.dpop("/credential", access_token="another"),
        await prover.dpop("/credential", access_token=None),
        await prover.dpop("/token", access_token=token),
        await prover.dpop(**at_credential, method="GET"),
        await prover.dpop(**at_credential, issued_at=prover.clock() - DPOP_WINDOW_SECONDS - 1),
        {"DPoP": "a.b.c"},
    ):
        answer = await prover.credential(token, headers)
        assert refusal(answer) == (401, "invalid_dpop_proof")
        assert answer.headers["www-authenticate"] == f'DPoP error="invalid_dpop_proof", {ALGORITHMS}'

    good = await prover.dpop(**at_credential, nonce=nonce)
    assert (await prover.credential(token, good)).status_code == 200
    assert refusal(await prover.credential(token, good)) == (401, "invalid_dpop_proof")  # replayed


async def test_the_server_wants_its_own_fresh_nonce(people: dict[str, str], prover: Prover, clock: SetClock) -> None:
    token = (await bound_token(prover, people["A1"]))["access_token"]
    at_credential = {"path": "/credential", "access_token": token}
    stale, of_attestation = await prover.dpop_nonce(), await prover.challenge()
    clock.advance(NONCE_LIFETIME)

    for nonce in (None, "made-up", stale, of_attestation, "A" * 32):
        answer = await prover.redeem(people["A1"], await prover.dpop(nonce=nonce))
        assert refusal(answer) == (400, "use_dpop_nonce")
        assert "www-authenticate" not in answer.headers
        at_resource = await prover.credential(token, await prover.dpop(**at_credential, nonce=nonce))
        assert refusal(at_resource) == (401, "use_dpop_nonce")
        assert at_resource.headers["www-authenticate"] == f'DPoP error="use_dpop_nonce", {ALGORITHMS}'
    fresh = await prover.dpop(**at_credential, nonce=at_resource.headers["dpop-nonce"])
    assert (await prover.credential(token, fresh)).status_code == 200


async def test_proofs_that_a_token_is_not_bound_to(people: dict[str, str], prover: Prover) -> None:
    good = await prover.dpop()
    for headers in (
        await prover.dpop("/credential"),
        await prover.dpop(method="GET"),
        await prover.dpop(url="https://evil.test/token"),
        {"DPoP": ""},
        {"DPoP": good["DPoP"] + ", " + good["DPoP"]},
    ):
        assert refusal(await prover.redeem(people["A1"], headers)) == INVALID
    twice = [("DPoP", good["DPoP"]), ("DPoP", (await prover.dpop())["DPoP"])]
    answer = await prover.client.post(
        "/token", data={"grant_type": "refresh_token", "refresh_token": "x"}, headers=twice
    )
    assert refusal(answer) == INVALID


async def test_a_hostile_host_changes_no_address(people: dict[str, str], prover: Prover) -> None:
    headers = await prover.dpop() | {"Host": "evil.test"}
    assert (await prover.redeem(people["A1"], headers)).status_code == 200
    headers = await prover.dpop(url="https://evil.test/token") | {"Host": "evil.test"}
    assert refusal(await prover.redeem(people["A1"], headers)) == INVALID


async def test_a_proof_counts_once_however_many_send_it(people: dict[str, str], prover: Prover) -> None:
    headers = await prover.dpop()
    codes = [await prover.wallet.offered(people["A1"]) for _ in range(10)]
    forms = [{**each} for each in ({"pre-authorized_code": code, "tx_code": tx_code} for code, tx_code in codes)]
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code"}
    answers = await asyncio.gather(
        *(prover.client.post("/token", data=grant | form, headers=headers) for form in forms)
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 9
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_dpop_proof"}


async def test_a_refused_proof_costs_no_attempt_at_the_transaction_code(people: dict[str, str], prover: Prover) -> None:
    code, tx_code = await prover.wallet.offered(people["A1"])
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code", "pre-authorized_code": code}
    for _ in range(6):
        headers = await prover.dpop("/elsewhere")
        answer = await prover.client.post("/token", data=form | {"tx_code": tx_code}, headers=headers)
        assert refusal(answer) == INVALID
    answer = await prover.client.post("/token", data=form | {"tx_code": tx_code}, headers=await prover.dpop())
    assert answer.status_code == 200


async def test_a_refresh_token_is_bound_to_the_key(people: dict[str, str], prover: Prover) -> None:
    token = (await bound_token(prover, people["A1"]))["refresh_token"]
    thief = P256Signer.generate()

    assert refusal(await prover.refresh(token)) == (400, "invalid_grant")
    assert refusal(await prover.refresh(token, await prover.dpop(signer=thief))) == (400, "invalid_grant")
    answer = await prover.refresh(token, await prover.dpop())
    assert (answer.status_code, answer.json()["token_type"]) == (200, "DPoP")


async def test_a_bearer_token_stays_one(people: dict[str, str], prover: Prover) -> None:
    answer = await prover.redeem(people["A1"])
    assert (answer.status_code, answer.json()["token_type"]) == (200, "Bearer")
    token, refresh_token = answer.json()["access_token"], answer.json()["refresh_token"]

    proof = await prover.dpop("/credential", access_token=token)
    assert refusal(await prover.credential(token, proof)) == (401, "invalid_token")
    assert refusal(await prover.refresh(refresh_token, await prover.dpop())) == (400, "invalid_grant")
    assert (await prover.credential(token, scheme="Bearer")).status_code == 200


@pytest.mark.parametrize("demand", [Demand.REQUIRED])
async def test_where_dpop_is_demanded(people: dict[str, str], prover: Prover) -> None:
    assert refusal(await prover.redeem(people["A1"])) == INVALID
    token = (await bound_token(prover, people["A1"]))["access_token"]
    for scheme in ("Bearer", "Basic", ""):
        answer = await prover.credential(token, scheme=scheme)
        assert refusal(answer) == (401, "invalid_token")
        assert answer.headers["www-authenticate"] == f'DPoP error="invalid_token", {ALGORITHMS}'
    proof = await prover.dpop("/credential", access_token=token)
    assert (await prover.credential(token, proof)).status_code == 200


@pytest.mark.parametrize("demand", [Demand.OFF])
async def test_where_dpop_is_off(people: dict[str, str], prover: Prover) -> None:
    answer = await prover.redeem(people["A1"], {"DPoP": "a.b.c"})
    assert answer.json()["token_type"] == "Bearer"
    token = answer.json()["access_token"]
    assert refusal(await prover.credential(token, {"DPoP": "a.b.c"})) == (401, "invalid_dpop_proof")
    assert (await prover.credential(token, scheme="bearer")).status_code == 200
    metadata = (await prover.client.get("/.well-known/oauth-authorization-server")).json()
    assert "dpop_signing_alg_values_supported" not in metadata


async def test_the_metadata_says_so(prover: Prover) -> None:
    metadata = (await prover.client.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["dpop_signing_alg_values_supported"] == ["ES256"]
    assert metadata["challenge_endpoint"] == "https://issuer.test/challenge"
    assert metadata["token_endpoint_auth_methods_supported"] == ["none", "attest_jwt_client_auth"]
