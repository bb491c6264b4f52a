"""Signed issuer metadata."""

from __future__ import annotations

from typing import Any

import pytest

from vc_core.crypto.jose import sign_jws
from vc_core.crypto.keys import P256Signer, PublicKey
from vc_core.crypto.x509 import KeyReference
from vc_core.errors import ProtocolError, ReasonCode, Rejection
from vc_core.ledger.events import Role
from vc_core.protocols.openid4vci.issuer_metadata import Display, create_issuer_metadata
from vc_core.protocols.openid4vci.signed_metadata import (
    SIGNED_METADATA_TYPE,
    VerifiedIssuerMetadata,
    sign_issuer_metadata,
    verify_signed_issuer_metadata,
)
from vc_core.trust import Accreditation

ISSUER = "https://issuer.test"
NOW = 1_790_000_000
OFFICE = "did:ethr:0x539:0x1111111111111111111111111111111111111111"
METHOD = OFFICE + "#delegate-1"
SIGNER = P256Signer.generate()
METADATA = create_issuer_metadata(
    ISSUER,
    credential_endpoint=ISSUER + "/credential",
    nonce_endpoint=ISSUER + "/nonce",
    display=[Display("Office")],
    configurations={},
)


class OneKey:
    """A registry that knows one key."""

    synced_at = NOW

    def verification_key(self, verification_method: KeyReference, *, at: int) -> PublicKey:
        if verification_method != METHOD:
            raise Rejection(ReasonCode.UNKNOWN_ISSUER, "Nobody we know.")
        return SIGNER.public_key

    def accreditation(self, did: str, role: Role, vct: str, *, at: int) -> Accreditation:
        raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "Not accredited.")

    def name(self, did: str) -> str:
        return did


def signed(header: dict[str, Any] | None = None, payload: dict[str, Any] | None = None) -> str:
    """Signed metadata with some members changed; None removes one."""
    full_header = {"typ": SIGNED_METADATA_TYPE, "kid": METHOD} | (header or {})
    full_payload = {"iss": OFFICE, "sub": ISSUER, "iat": NOW, "exp": NOW + 60, **METADATA} | (payload or {})
    kept = [{name: value for name, value in part.items() if value is not None} for part in (full_header, full_payload)]
    return sign_jws(kept[0], kept[1], SIGNER)


def verify(text: str) -> VerifiedIssuerMetadata:
    return verify_signed_issuer_metadata(text, expected_issuer=ISSUER, trust=OneKey(), now=NOW)


def test_who_signed_and_what() -> None:
    text = sign_issuer_metadata(METADATA, signer=SIGNER, verification_method=METHOD, issued_at=NOW, expires_at=NOW + 60)
    verified = verify(text)
    assert verified.signer == OFFICE
    assert verified.metadata.credential_endpoint == ISSUER + "/credential"
    assert verify(signed(payload={"iss": None, "exp": None})) == verified


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b.c",
        signed({"typ": "JWT"}),
        signed({"typ": "openid4vci-proof+jwt"}),
        signed({"alg": "none"}),
        signed({"alg": "EdDSA"}),
        signed({"kid": None}),
        signed({"kid": 5}),
        signed({"kid": OFFICE + "#delegate-2"}),
        signed({"x5c": ["AAAA"]}),
        signed({"kid": None, "x5c": ["AAAA"]}),
        signed({"jwk": SIGNER.public_key.to_jwk(), "kid": None}),
        signed(payload={"iss": "did:example:1"}),
        signed(payload={"sub": None}),
        signed(payload={"sub": ISSUER + "/"}),
        signed(payload={"credential_issuer": "https://other.test"}),
        signed(payload={"credential_endpoint": None}),
        signed(payload={"iat": None}),
        signed(payload={"iat": NOW + 61}),
        signed(payload={"exp": NOW}),
        signed(payload={"exp": "later"}),
        signed()[:-4] + "AAAA",
    ],
)
def test_what_is_not_signed_by_who_it_says_for_this_issuer(text: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        verify(text)
    assert refused.value.code == "server_error"
