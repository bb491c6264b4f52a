"""Key attestations: what a provider says of keys, and what is no such thing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.attestations import PROVIDER, PROVIDER_DID, PROVIDER_METHOD, STRANGER, provider_key
from tests.support.verification import NOW
from vc_core.crypto.jose import sign_jws
from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.encoding import base64url_encode
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vci.key_attestation import (
    KEY_ATTESTATION_TYPE,
    MAX_ATTESTED_KEYS,
    KeyAttestation,
    create_key_attestation,
    verify_key_attestation,
)

KEYS = [P256Signer.generate() for _ in range(2)]
JWKS = [each.public_key.to_jwk() for each in KEYS]
HEADER = {"typ": KEY_ATTESTATION_TYPE, "kid": PROVIDER_METHOD}
CLAIMS = {"iss": PROVIDER_DID, "iat": NOW, "attested_keys": JWKS}


def refusal(text: str) -> str:
    with pytest.raises(ProtocolError) as refused:
        verify_key_attestation(text, provider_key=provider_key, now=NOW)
    return refused.value.code


@pytest.mark.parametrize(
    "content",
    [
        KeyAttestation((KEYS[0].public_key,), NOW),
        KeyAttestation(
            tuple(each.public_key for each in KEYS),
            NOW - 5,
            NOW + 5,
            "nonce",
            ("iso_18045_high", "https://levels.test/1"),
            ("iso_18045_basic",),
        ),
    ],
)
def test_an_attestation_of_ours(content: KeyAttestation) -> None:
    text = create_key_attestation(content, signer=PROVIDER, verification_method=PROVIDER_METHOD)
    verified = verify_key_attestation(text, provider_key=provider_key, now=NOW)
    assert (verified.provider, verified.content) == (PROVIDER_DID, content)


@pytest.mark.parametrize(
    "change",
    [
        {"iat": None},
        {"exp": NOW},
        {"iss": "did:ethr:0x539:0x1"},
        {"nonce": 5},
        {"nonce": ""},
        {"attested_keys": None},
        {"attested_keys": []},
        {"attested_keys": JWKS[0]},
        {"attested_keys": [JWKS[0], JWKS[0]]},
        {"attested_keys": ["key"]},
        {"attested_keys": [{**JWKS[0], "d": base64url_encode(KEYS[0].to_bytes())}]},
        {"attested_keys": [Ed25519Signer.generate().public_key.to_jwk()]},
        {"attested_keys": [JWKS[0]] * (MAX_ATTESTED_KEYS + 1)},
        {"key_storage": []},
        {"key_storage": "iso_18045_high"},
        {"key_storage": [5]},
        {"user_authentication": ["a"] * 11},
    ],
)
def test_claims_that_are_refused(change: dict[str, Any]) -> None:
    claims = {name: value for name, value in (CLAIMS | change).items() if value is not None}
    assert refusal(sign_jws(HEADER, claims, PROVIDER)) == "invalid_proof"


def test_another_kind_of_jwt_and_another_signer() -> None:
    assert refusal(sign_jws({**HEADER, "typ": "openid4vci-proof+jwt"}, CLAIMS, PROVIDER)) == "invalid_proof"
    assert refusal(sign_jws({**HEADER, "typ": "keyattestation+jwt"}, CLAIMS, PROVIDER)) == "invalid_proof"
    assert refusal(sign_jws(HEADER, CLAIMS, STRANGER)) == "invalid_proof"
