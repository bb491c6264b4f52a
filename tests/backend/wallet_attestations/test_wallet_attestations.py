"""Attesting wallets and keys: what a provider says, and to whom it says nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from backend.settings import BackendSettings, WalletProviderSettings
from backend.wallet_attestations.provider import WalletProvider, load_wallet_provider
from backend.wallet_attestations.routes import wallet_attestations_router
from backend.wallet_attestations.service import ATTESTATION_LIFETIME, WalletAttestationService
from tests.backend.parts import ISSUER, PUBLIC_URL, FakeTrust
from tests.backend.test_settings import GOOD
from tests.support.attestations import PROVIDER, PROVIDER_DID, PROVIDER_METHOD, provider_key
from tests.support.certificates import certify, certify_issuer, chain_of
from tests.support.clock import SetClock
from vc_core.crypto.jose import parse_jws
from vc_core.crypto.keys import Ed25519Signer, P256Signer, signer_to_pem
from vc_core.errors import Rejection, SettingsError
from vc_core.protocols.oauth.client_attestation import verify_wallet_attestation
from vc_core.protocols.oauth.dpop import create_dpop_proof
from vc_core.protocols.openid4vci.key_attestation import verify_key_attestation
from vc_core.protocols.openid4vci.proof_jwt import create_proof_jwt
from vc_core.web.problem import install_error_handlers

WALLET = P256Signer.generate()
KEYS = [P256Signer.generate() for _ in range(3)]
URL = PUBLIC_URL + "/wallet-attestations"


@pytest.fixture
async def client(clock: SetClock) -> AsyncIterator[httpx.AsyncClient]:
    provider = WalletProvider(PROVIDER_METHOD, PROVIDER, "https://wallet.test", "Sabai")
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(wallet_attestations_router(WalletAttestationService(provider, PUBLIC_URL, clock)))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield client


def proof(clock: SetClock, **changes: Any) -> str:
    request: dict[str, Any] = {"method": "POST", "url": URL, "issued_at": clock()}
    return create_dpop_proof(WALLET, jti="one", **request | changes)


def key_proof(key: P256Signer, clock: SetClock, *, nonce: str = "c-nonce", audience: str = PUBLIC_URL) -> str:
    return create_proof_jwt(key, audience=audience, nonce=nonce, issued_at=clock())


async def test_a_wallet_is_attested(client: httpx.AsyncClient, clock: SetClock) -> None:
    answer = await client.post("/wallet-attestations", headers={"DPoP": proof(clock)})

    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    told = answer.json()
    attested = verify_wallet_attestation(told["wallet_attestation"], provider_key=provider_key, now=clock())
    assert (attested.provider, attested.client_id) == (PROVIDER_DID, told["client_id"])
    assert (attested.client_id, attested.wallet_name) == ("https://wallet.test", "Sabai")
    assert attested.instance_key == WALLET.public_key
    assert attested.expires_at == told["expires_at"] == clock() + ATTESTATION_LIFETIME


@pytest.mark.parametrize("change", [{"url": PUBLIC_URL + "/devices"}, {"method": "GET"}, {"issued_at": 5}])
async def test_no_wallet_without_a_proof(client: httpx.AsyncClient, clock: SetClock, change: dict[str, Any]) -> None:
    good = proof(clock)
    for headers in ([], [("DPoP", proof(clock, **change))], [("DPoP", good), ("DPoP", good)], [("DPoP", "a.b.c")]):
        answer = await client.post("/wallet-attestations", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


async def test_keys_are_attested(client: httpx.AsyncClient, clock: SetClock) -> None:
    proofs = [key_proof(key, clock) for key in KEYS]
    answer = await client.post("/key-attestations", json={"proofs": proofs, "nonce": "c-nonce"})

    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    told = answer.json()
    content = verify_key_attestation(told["key_attestation"], provider_key=provider_key, now=clock()).content
    assert content.attested_keys == tuple(key.public_key for key in KEYS)
    assert (content.nonce, content.expires_at) == ("c-nonce", told["expires_at"])
    assert (content.key_storage, content.user_authentication) == ((), ())  # nothing here could know


async def test_no_keys_without_proofs(client: httpx.AsyncClient, clock: SetClock) -> None:
    good = key_proof(KEYS[0], clock)
    elsewhere = key_proof(KEYS[1], clock, audience="https://issuer.test")
    other = key_proof(KEYS[1], clock, nonce="x")
    for proofs in ([], ["text"], [good, good], [good, elsewhere], [good, other], [good] * 51, [good + "a" * 2048]):
        answer = await client.post("/key-attestations", json={"proofs": proofs, "nonce": "c-nonce"})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def settings(path: Path, signer: P256Signer | Ed25519Signer, **changes: Any) -> BackendSettings:
    (path / "key.pem").write_bytes(signer_to_pem(signer))
    members = {"verification_method": PROVIDER_METHOD, "key": str(path / "key.pem")} | changes
    provider = WalletProviderSettings(**members)
    return BackendSettings(**GOOD | {"public_url": "https://issuer.office.example", "wallet_provider": provider})


def test_the_provider_of_the_settings(tmp_path: Path) -> None:
    provider = load_wallet_provider(settings(tmp_path, PROVIDER))
    assert provider is not None
    assert (provider.verification_method, provider.client_id) == (PROVIDER_METHOD, "https://issuer.office.example")
    assert provider.signer.public_key == PROVIDER.public_key
    assert load_wallet_provider(BackendSettings(**GOOD)) is None


def test_a_provider_with_certificates(tmp_path: Path, clock: SetClock) -> None:
    leaf = certify_issuer(certify("Anchor"))
    (tmp_path / "chain.pem").write_bytes(leaf.pem)
    provider = load_wallet_provider(settings(tmp_path, leaf.signer, certificates=tmp_path / "chain.pem"))
    assert provider is not None
    assert provider.verification_method == chain_of(leaf)
    service = WalletAttestationService(provider, PUBLIC_URL, clock)
    jws = parse_jws(service.attest_wallet(proof(clock)).wallet_attestation, typ="oauth-client-attestation+jwt")
    assert ("kid" in jws.header, len(jws.header["x5c"])) == (False, 1)
    assert jws.payload["iss"] == "https://issuer.office.example"


@pytest.mark.parametrize(
    ("signer", "changes", "problem"),
    [
        (Ed25519Signer.generate(), {}, "must be for ES256"),
        (PROVIDER, {"key": "no-such-key.pem"}, "can't be opened"),
        (PROVIDER, {"certificates": "anchor.pem"}, "certificates of the wallet provider"),
        (PROVIDER, {"certificates": "none.pem"}, "the file can't be read"),
    ],
)
def test_what_keeps_it_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signer: Any, changes: dict[str, Any], problem: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("anchor.pem").write_bytes(certify("Anchor").pem)
    with pytest.raises(SettingsError, match=problem):
        load_wallet_provider(settings(tmp_path, signer, **changes))


async def test_it_is_ready_when_the_registry_has_the_key(clock: SetClock) -> None:
    trust = FakeTrust(clock)
    known = WalletProvider(ISSUER + "#delegate-1", trust.issuer_key, "https://wallet.test", "Sabai")
    await known.ready(trust, clock)()
    with pytest.raises(SettingsError):
        await WalletProvider(ISSUER + "#delegate-1", PROVIDER, "https://wallet.test", "Sabai").ready(trust, clock)()
    with pytest.raises(Rejection):
        await WalletProvider(PROVIDER_METHOD, PROVIDER, "https://wallet.test", "Sabai").ready(trust, clock)()
