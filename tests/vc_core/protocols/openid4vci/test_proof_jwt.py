"""Proofs of a key as JWT."""

from __future__ import annotations

from typing import Any

import pytest

from vc_core.crypto.jose import sign_jws
from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.did.holder import HOLDER_DID_METHODS, create_holder_did, create_holder_method
from vc_core.encoding import base64url_encode, compact_json
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vci.proof_jwt import (
    PROOF_TYPE,
    PROOF_WINDOW_SECONDS,
    VerifiedProof,
    create_proof_jwt,
    verify_proof_jwt,
)

ISSUER = "https://issuer.test"
NOW = 1_790_000_000
HOLDER = P256Signer.generate()


def refusal(call: Any, *arguments: Any, **named: Any) -> str:
    """The code with which the call is refused."""
    with pytest.raises(ProtocolError) as refused:
        call(*arguments, **named)
    return str(refused.value.code)


def proof(header: dict[str, Any] | None = None, payload: dict[str, Any] | None = None) -> str:
    """A proof of HOLDER with some members changed; None removes one."""
    full_header = {"typ": PROOF_TYPE, "jwk": HOLDER.public_key.to_jwk()} | (header or {})
    full_payload = {"aud": ISSUER, "iat": NOW, "nonce": "n"} | (payload or {})
    kept = [{name: value for name, value in part.items() if value is not None} for part in (full_header, full_payload)]
    return sign_jws(kept[0], kept[1], HOLDER)


def test_a_good_proof_gives_the_key_and_the_nonce() -> None:
    text = create_proof_jwt(HOLDER, audience=ISSUER, nonce="n", issued_at=NOW)
    verified = verify_proof_jwt(text, expected_audience=ISSUER, now=NOW + PROOF_WINDOW_SECONDS)
    assert verified == VerifiedProof(HOLDER.public_key, "n")


@pytest.mark.parametrize("did_method", HOLDER_DID_METHODS)
def test_a_key_that_is_named_by_a_did(did_method: str) -> None:
    text = create_proof_jwt(HOLDER, audience=ISSUER, nonce="n", issued_at=NOW, did_method=did_method)
    verified = verify_proof_jwt(text, expected_audience=ISSUER, now=NOW)
    assert verified == VerifiedProof(HOLDER.public_key, "n", create_holder_did(HOLDER.public_key, did_method))


def test_the_client_of_the_proof_is_the_one_of_the_token() -> None:
    text = create_proof_jwt(HOLDER, audience=ISSUER, nonce="n", issued_at=NOW, client_id="wallet")
    for expected in (None, "wallet"):
        assert verify_proof_jwt(text, expected_audience=ISSUER, now=NOW, expected_client_id=expected).nonce == "n"
    named = {"expected_audience": ISSUER, "now": NOW, "expected_client_id": "another"}
    assert refusal(verify_proof_jwt, text, **named) == "invalid_proof"
    assert verify_proof_jwt(proof(), expected_audience=ISSUER, now=NOW, expected_client_id="wallet").nonce == "n"


def test_a_key_attestation_is_handed_on() -> None:
    text = create_proof_jwt(HOLDER, audience=ISSUER, nonce="n", issued_at=NOW, key_attestation="a.b.c")
    assert verify_proof_jwt(text, expected_audience=ISSUER, now=NOW).key_attestation == "a.b.c"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b.c",
        proof({"typ": "JWT"}),
        proof({"typ": None}),
        proof({"jwk": None}),
        proof({"jwk": P256Signer.generate().public_key.to_jwk()}),
        proof({"jwk": HOLDER.public_key.to_jwk() | {"d": "AAAA"}}),
        proof({"kid": "did:example:1#a"}),
        proof({"jwk": None, "kid": "did:example:1#a"}),
        proof({"jwk": None, "kid": "0"}),
        proof({"jwk": None, "kid": ["did:key:z"]}),
        proof({"jwk": None, "kid": create_holder_did(HOLDER.public_key, "did:key")}),
        proof({"jwk": None, "kid": create_holder_did(HOLDER.public_key, "did:jwk") + "#1"}),
        proof({"jwk": None, "kid": create_holder_method(P256Signer.generate().public_key, "did:jwk")}),
        proof({"kid": create_holder_method(HOLDER.public_key, "did:jwk")}),
        proof({"jwk": None, "kid": "did:jwk:" + "A" * 3000 + "#0"}),
        proof({"key_attestation": {}}),
        proof({"x5c": ["AAAA"]}),
        proof({"trust_chain": []}),
        proof({"crit": []}),
        proof({"jku": "https://evil.test"}),
        proof({"alg": "none"}),
        proof({"alg": "HS256"}),
        proof({"alg": "EdDSA"}),
        proof(payload={"aud": "https://other.test"}),
        proof(payload={"aud": [ISSUER]}),
        proof(payload={"aud": None}),
        proof(payload={"iat": NOW - 301}),
        proof(payload={"iat": NOW + 301}),
        proof(payload={"iat": None}),
        proof(payload={"iat": float(NOW)}),
        proof(payload={"nonce": None}),
        proof(payload={"nonce": 5}),
        proof()[:-4] + "AAAA",
        proof() + "~",
    ],
)
def test_bad_proofs(text: str) -> None:
    assert refusal(verify_proof_jwt, text, expected_audience=ISSUER, now=NOW) == "invalid_proof"


def test_a_holder_key_that_phones_do_not_have_is_refused() -> None:
    text = create_proof_jwt(Ed25519Signer.generate(), audience=ISSUER, nonce="n", issued_at=NOW)
    assert refusal(verify_proof_jwt, text, expected_audience=ISSUER, now=NOW) == "invalid_proof"


def test_an_unsigned_proof_is_refused() -> None:
    header = base64url_encode(compact_json({"alg": "none", "typ": PROOF_TYPE, "jwk": HOLDER.public_key.to_jwk()}))
    payload = base64url_encode(compact_json({"aud": ISSUER, "iat": NOW, "nonce": "n"}))
    text = f"{header}.{payload}."
    assert refusal(verify_proof_jwt, text, expected_audience=ISSUER, now=NOW) == "invalid_proof"
