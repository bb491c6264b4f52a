"""Signed issuer metadata (section 12.2.3): the metadata document as the payload of a JWT, by a key of the registry.

An issuer gives it to who asks for `application/jwt`. It says which organisation stands behind an address, where the
unsigned document only says what that address claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vc_core.crypto.jose import JwsError, UnverifiedJws, parse_jws, sign_jws
from vc_core.crypto.keys import SignatureInvalid, Signer
from vc_core.crypto.x509 import CertificateError, KeyReference, issuer_of, key_header, parse_x5c
from vc_core.errors import ProtocolError, Rejection
from vc_core.protocols.openid4vci.issuer_metadata import IssuerMetadata, parse_issuer_metadata
from vc_core.protocols.text import is_text
from vc_core.trust import TrustSource

SIGNED_METADATA_TYPE = "openidvci-issuer-metadata+jwt"
SIGNED_METADATA_MEDIA_TYPE = "application/jwt"
_CLOCK_TOLERANCE = 60


@dataclass(frozen=True)
class VerifiedIssuerMetadata:
    """Metadata, and who signed it: a DID, or the https URL of a certificate.

    That this signer may speak for the issuer is for the caller to decide, say by what it is accredited for.
    """

    metadata: IssuerMetadata
    signer: str


def sign_issuer_metadata(
    metadata: Mapping[str, Any], *, signer: Signer, verification_method: KeyReference, issued_at: int, expires_at: int
) -> str:
    """The document as a JWT; `verification_method` names the signer's key, times are seconds since 1970."""
    header = {"typ": SIGNED_METADATA_TYPE, **key_header(verification_method)}
    claims = {
        "iss": issuer_of(verification_method),
        "sub": metadata["credential_issuer"],
        "iat": issued_at,
        "exp": expires_at,
    }
    return sign_jws(header, {**claims, **metadata}, signer)


def verify_signed_issuer_metadata(
    text: str | bytes, *, expected_issuer: str, trust: TrustSource, now: int
) -> VerifiedIssuerMetadata:
    """The metadata in a JWT that a key of the registry signed for this issuer.

    Raises `ProtocolError` `server_error` where it is not so; unsigned metadata is there for who can do without.
    """
    try:
        jws = parse_jws(text, typ=SIGNED_METADATA_TYPE)
        reference = _key_reference(jws)
        payload = jws.verify(trust.verification_key(reference, at=now))
    except (JwsError, CertificateError, Rejection, SignatureInvalid) as cause:
        raise _refused("The issuer's metadata is not signed by anybody that the registry knows.") from cause
    if payload.get("iss", issuer_of(reference)) != issuer_of(reference):
        raise _refused("The issuer's metadata is signed by another key than its signer's.")
    if payload.get("sub") != expected_issuer:
        raise _refused("The issuer's metadata is signed for another issuer.")
    issued_at, expires_at = payload.get("iat"), payload.get("exp")
    if type(issued_at) is not int or issued_at > now + _CLOCK_TOLERANCE:
        raise _refused("The issuer's metadata does not say when it was signed, or says that it was in the future.")
    if expires_at is not None and (type(expires_at) is not int or now >= expires_at):
        raise _refused("The issuer's signed metadata has expired.")
    return VerifiedIssuerMetadata(parse_issuer_metadata(payload, expected_issuer=expected_issuer), issuer_of(reference))


def _key_reference(jws: UnverifiedJws) -> KeyReference:
    kid, x5c = jws.header.get("kid"), jws.header.get("x5c")
    if (kid is None) == (x5c is None):
        raise JwsError("the header must name the signer's key in one way")
    if x5c is not None:
        return parse_x5c(x5c, issuer=jws.payload.get("iss"))
    if not is_text(kid):
        raise JwsError("the signer's key is not named by a text")
    return str(kid)


def _refused(message: str) -> ProtocolError:
    return ProtocolError("server_error", message)
