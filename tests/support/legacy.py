"""Legacy credentials for tests: signed ones from the vectors, JWTs made on the spot, and the didkit process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vc_core.crypto.keys import Ed25519Signer
from vc_core.did.key import create_did_key
from vc_core.encoding import base64url_encode, compact_json
from verifier.legacy.process import is_didkit_installed

VECTORS = Path(__file__).parent.parent / "vectors" / "legacy"
LEGACY_ISSUER = Ed25519Signer(b"legacy issuer: 32 bytes of seed.")
LEGACY_HOLDER = Ed25519Signer(b"legacy holder: 32 bytes of seed.")
ISSUER_DID = create_did_key(LEGACY_ISSUER.public_key)
HOLDER_DID = create_did_key(LEGACY_HOLDER.public_key)
CHALLENGE = "a question"
DOMAIN = "verifier.example"

needs_didkit = pytest.mark.skipif(
    not is_didkit_installed(), reason="the extra didkit is not installed: there is none for Python 3.13 and later"
)


def legacy_document(name: str) -> dict[str, Any]:
    """A fresh copy of a signed credential or presentation of the vectors."""
    if name == "credo":
        return dict(json.loads((VECTORS / "credo.json").read_bytes())["credential"])
    return dict(json.loads((VECTORS / "didkit.json").read_bytes())["documents"][name])


def legacy_credential_claims(**changes: Any) -> dict[str, Any]:
    """The claims of a credential JWT (VCDM 1.1 section 6.3.1); a change to None leaves the claim out."""
    vc = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"givenName": "Somchai"},
    }
    claims = {"iss": ISSUER_DID, "sub": HOLDER_DID, "nbf": 1_700_000_000, "exp": 2_000_000_000, "vc": vc} | changes
    return {name: value for name, value in claims.items() if value is not None}


def legacy_presentation_claims(credentials: list[Any], **changes: Any) -> dict[str, Any]:
    """The claims of a presentation JWT (VCDM 1.1 section 6.3.1)."""
    vp = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": credentials,
    }
    return {"iss": HOLDER_DID, "aud": DOMAIN, "nonce": CHALLENGE, "vp": vp} | changes


def legacy_jwt(claims: dict[str, Any], signer: Ed25519Signer = LEGACY_ISSUER, **header: Any) -> str:
    """A compact JWT over these claims; members of the header may be changed."""
    did = create_did_key(signer.public_key)
    full_header = {"alg": "EdDSA", "typ": "JWT", "kid": f"{did}#{did.removeprefix('did:key:')}"} | header
    signing_input = base64url_encode(compact_json(full_header)) + "." + base64url_encode(compact_json(claims))
    return signing_input + "." + base64url_encode(signer.sign(signing_input.encode("ascii")))
