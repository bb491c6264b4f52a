"""Who signed an attestation: the checks that attestations of wallets and of keys have in common."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.attestations import PROVIDER, PROVIDER_DID, PROVIDER_METHOD, STRANGER, provider_key
from tests.support.certificates import ISSUER_URL, certify, certify_issuer, chain_of
from tests.support.verification import NOW
from vc_core.crypto.jose import sign_jws
from vc_core.crypto.keys import Ed25519Signer, PublicKey, Signer
from vc_core.crypto.x509 import KeyReference, key_header
from vc_core.encoding import base64url_encode, compact_json
from vc_core.protocols.wallet_provider import CLOCK_SKEW_SECONDS, NotAttested, verify_provider

TYP = "key-attestation+jwt"
HEADER = {"typ": TYP, "kid": PROVIDER_METHOD}
CLAIMS = {"iss": PROVIDER_DID, "iat": NOW, "exp": NOW + 100}


def is_refused(text: str) -> bool:
    with suppress(NotAttested):
        verify_provider(text, typ=TYP, provider_key=provider_key, now=NOW)
        return False
    return True


def changed(header: dict[str, Any] | None = None, signer: Signer = PROVIDER, **claims: Any) -> str:
    """An attestation with other members; None takes one away."""
    new_header, new_claims = {**HEADER, **(header or {})}, {**CLAIMS, **claims}
    return sign_jws(without_none(new_header), without_none(new_claims), signer)


def without_none(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def test_a_provider_named_by_its_did() -> None:
    provider, jws = verify_provider(changed(), typ=TYP, provider_key=provider_key, now=NOW)
    assert (provider, jws.payload["exp"]) == (PROVIDER_DID, NOW + 100)
    assert not is_refused(changed(iat=NOW + CLOCK_SKEW_SECONDS, nbf=NOW, exp=None))


def test_a_provider_named_by_certificates() -> None:
    anchor = certify("Anchor")
    leaf = certify_issuer(anchor)
    asked: list[KeyReference] = []

    def key(reference: KeyReference) -> PublicKey:
        asked.append(reference)
        return leaf.signer.public_key

    text = changed({"kid": None, **key_header(chain_of(leaf))}, leaf.signer, iss=ISSUER_URL)
    provider, _ = verify_provider(text, typ=TYP, provider_key=key, now=NOW)
    assert (provider, asked) == (ISSUER_URL, [chain_of(leaf)])


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "oauth-client-attestation+jwt"},
        {"typ": None},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "EdDSA"},
        {"crit": ["exp"]},
        {"jku": "https://evil.test"},
        {"kid": None},
        {"kid": PROVIDER_DID},
        {"kid": PROVIDER_METHOD + "\n"},
        {"kid": ["a"]},
        {"kid": "did:ethr:0x539:0x1#delegate-1"},
        {"x5c": ["AAAA"]},
        {"kid": None, "x5c": []},
        {"kid": None, "x5c": ["AAAA"]},
        {"kid": None, "jwk": PROVIDER.public_key.to_jwk()},
    ],
)
def test_headers_that_are_refused(header: dict[str, Any]) -> None:
    assert is_refused(changed(header))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": None},
        {"iss": PROVIDER_DID + "0"},
        {"iss": "https://wallet.test"},
        {"exp": NOW},
        {"exp": str(NOW + 100)},
        {"exp": 2**41},
        {"exp": -1},
        {"iat": NOW + CLOCK_SKEW_SECONDS + 1},
        {"iat": True},
        {"iat": float(NOW)},
        {"nbf": NOW + CLOCK_SKEW_SECONDS + 1},
        {"more": "x" * 33_000},
    ],
)
def test_claims_that_are_refused(claims: dict[str, Any]) -> None:
    assert is_refused(changed(**claims))


def test_signatures_that_are_refused() -> None:
    header, _, signature = changed().split(".")
    payload = base64url_encode(compact_json({**CLAIMS, "exp": NOW + 10**6}))
    other = Ed25519Signer.generate()
    for text in (changed(signer=STRANGER), changed(signer=other), f"{header}.{payload}.{signature}"):
        assert is_refused(text)


@given(st.text(max_size=200))
def test_any_text_is_refused(text: str) -> None:
    assert is_refused(text)
