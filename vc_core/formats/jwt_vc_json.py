"""Our credential types as `jwt_vc_json` (OpenID4VCI appendix A.1.1) and, presented, `jwt_vp_json`: JWTs of VCDM 1.1.

    {"iss": issuer, "sub": the holder's DID, "nbf", "exp", "iat", "status",
     "vc": {"@context": [VCDM 1.1, the type's], "type": ["VerifiableCredential", "HealthId"],
            "credentialSubject": {"id": the holder's DID, …claims}, …}}

For wallets and verifiers that know no SD-JWT: nothing can be withheld, so a holder shows all claims or none. The
credential is bound to the holder's key as the subject's did:key or did:jwk, and a presentation must be signed by that
key over `aud` and `nonce`. `vc_claim.py` has the format itself; here is what makes such a JWT one of ours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from vc_core.credential_types import type_named
from vc_core.credential_types.definition import CredentialType, InvalidClaims, StatusPolicy
from vc_core.credential_types.json_ld import context_url, document_types
from vc_core.crypto.jose import JwsError, parse_jws
from vc_core.crypto.keys import KeyFormatError, PublicKey, Signer
from vc_core.did.holder import holder_method, parse_holder_did
from vc_core.did.key import create_did_key
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.bitstring_status_list import parse_credential_status
from vc_core.formats.credential import (
    CredentialFormat,
    CredentialStatus,
    StatusReference,
    UnverifiedCredential,
    UnverifiedPresentation,
)
from vc_core.formats.vc_claim import TYP, create_jwt_vc, create_jwt_vp, format_datetime
from vc_core.formats.vc_envelope import UnverifiedEnvelope, malformed
from vc_core.formats.vc_jwt import parse_vc_jwt, parse_vp_jwt
from vc_core.formats.vcdm import CREDENTIALS_V1, CredentialDocument

_MEMBERS = frozenset(
    {
        *("@context", "id", "type", "issuer", "issuanceDate", "expirationDate"),
        *("credentialSubject", "credentialStatus"),
    }
)


def create_jwt_vc_json(
    credential_type: CredentialType,
    claims: Mapping[str, Any],
    *,
    verification_method: str,
    signer: Signer,
    issued_at: int,
    expires_at: int,
    status: StatusReference | None,
    holder_key: PublicKey,
    holder_did: str | None = None,
) -> str:
    """A credential as it is issued; times in seconds since 1970, `expires_at` exclusive.

    `verification_method` is the signer's key as a DID URL; `status` is None where credentials of the type have none,
    `holder_did` where the holder's name is the did:key of their key.
    Raises `InvalidClaims` where the claims are not those of the type, `ValueError` where there is a status and the type
    has none, or the reverse.
    """
    credential_type.check_whole(claims)
    if (status is None) is not (credential_type.status_policy is StatusPolicy.NONE):
        raise ValueError("a status where the type has none, or none where it has one")
    document = {
        "@context": [CREDENTIALS_V1, context_url(credential_type)],
        "type": document_types(credential_type),
        "issuer": verification_method.partition("#")[0],
        "issuanceDate": format_datetime(issued_at),
        "expirationDate": format_datetime(expires_at),
        "credentialSubject": {"id": holder_did or create_did_key(holder_key), **claims},
    }
    return create_jwt_vc(
        document, verification_method=verification_method, signer=signer, issued_at=issued_at, status=status
    )


def create_jwt_vp_json(credential: str, *, holder: Signer, presented_at: int, audience: str, nonce: str) -> str:
    """A presentation of an issued credential, with all its claims; `holder` signs with the key that it is bound to."""
    return create_jwt_vp(
        [credential],
        verification_method=holder_method(_name_of(holder, credential)),
        signer=holder,
        issued_at=presented_at,
        audience=audience,
        nonce=nonce,
    )


def parse_jwt_vc_json(text: str) -> UnverifiedCredential:
    """A credential of one of our types, its signature not yet checked.

    Raises `Rejection`: `TOO_LARGE` over 64 KiB, `NOT_A_CREDENTIAL` for a type that we do not know, `MALFORMED`,
    `STATUS_UNAVAILABLE` where its status is of a kind that is not known here.
    """
    return _credential(parse_vc_jwt(text))


def parse_jwt_vp_json(text: str) -> UnverifiedPresentation:
    """A presentation of one such credential, no signature checked yet.

    Raises `Rejection` as `parse_jwt_vc_json` does, and `HOLDER_KEY` where it is made with another key than the
    credential is bound to.
    """
    envelope = parse_vp_jwt(text)
    if len(envelope.credentials) != 1:
        raise malformed("A presentation holds exactly one credential.")
    credential = _credential(envelope.credentials[0])
    # We have no use for a validity period of the proof; one that nobody checks must not be there (RFC 7519).
    if envelope.expires_at is not None or envelope.not_before is not None or envelope.issued_at is None:
        raise malformed("The holder's proof does not say when it was made, or has a validity period.")
    if len(envelope.audience) != 1 or envelope.nonce is None:
        raise malformed("The holder's proof is not for exactly one desk and its question.")
    if envelope.signer != _holder_of(envelope.credentials[0]):
        raise Rejection(ReasonCode.HOLDER_KEY, "This was not shown by the holder of the credential.")
    return UnverifiedPresentation(
        credential,
        presented_at=envelope.issued_at,
        audience=envelope.audience[0],
        nonce=envelope.nonce,
        digest=hashlib.sha256(envelope.signed.message).digest(),
        signed=envelope.signed,
    )


def _credential(envelope: UnverifiedEnvelope) -> UnverifiedCredential:
    parsed = envelope.document
    if not isinstance(parsed, CredentialDocument) or parsed.document["@context"][0] != CREDENTIALS_V1:
        raise malformed("The credential is of another version of the data model.")
    if parsed.valid_from is None or parsed.valid_until is None:
        raise malformed("The credential does not say from when until when it holds.")
    credential_type = _credential_type(parsed.document)
    holder_key, claims = _subject(parsed.document["credentialSubject"], credential_type)
    return UnverifiedCredential(
        CredentialFormat.JWT_VC_JSON,
        verification_method=envelope.verification_method,
        vct=credential_type.vct,
        issued_at=parsed.valid_from if envelope.issued_at is None else envelope.issued_at,
        not_before=parsed.valid_from,
        expires_at=parsed.valid_until,
        status=_status(envelope, credential_type),
        holder_key=holder_key,
        claims=claims,
        signed=envelope.signed,
    )


def _credential_type(document: Mapping[str, Any]) -> CredentialType:
    """The type, the document having the members and the contexts of one of ours and no others."""
    types = document["type"]
    credential_type = type_named(types[1]) if isinstance(types, list) and len(types) == 2 else None
    if credential_type is None or types != document_types(credential_type):
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This is a kind of credential that we do not know.")
    if document.keys() - _MEMBERS or document["@context"] != [CREDENTIALS_V1, context_url(credential_type)]:
        raise malformed("The credential has members or contexts that its type does not have.")
    return credential_type


def _subject(subject: Any, credential_type: CredentialType) -> tuple[PublicKey, dict[str, Any]]:
    """The holder's key and the claims; nothing can be withheld, so all must be there."""
    claims = dict(subject) if isinstance(subject, dict) else {}
    holder = claims.pop("id", None)
    try:
        credential_type.check_whole(claims)
    except InvalidClaims as cause:
        raise malformed("The credential's claims are not those of its type.") from cause
    try:
        return parse_holder_did(holder).key, claims
    except KeyFormatError as cause:
        raise malformed("The credential is not bound to a key that we can use.") from cause


def _name_of(holder: Signer, credential: str) -> str:
    """The DID by which the credential is bound to the holder's key; their did:key where it is bound to another."""
    try:
        named = parse_holder_did(parse_jws(credential, typ=TYP).payload.get("sub"))
    except (JwsError, KeyFormatError):
        return create_did_key(holder.public_key)
    return named.did if named.did and named.key == holder.public_key else create_did_key(holder.public_key)


def _holder_of(credential: UnverifiedEnvelope) -> Any:
    """The subject's id, whatever it is."""
    subject = credential.document.document.get("credentialSubject")
    return subject.get("id") if isinstance(subject, dict) else None


def _status(envelope: UnverifiedEnvelope, credential_type: CredentialType) -> tuple[CredentialStatus, ...]:
    """Every entry that has a say, the JWT's own and those of `credentialStatus`: as many as the type asks for."""
    document = envelope.document.document
    entries: tuple[CredentialStatus, ...] = () if envelope.status is None else (envelope.status,)
    if "credentialStatus" in document:
        entries += parse_credential_status(document["credentialStatus"])
    if bool(entries) is not (credential_type.status_policy is StatusPolicy.REQUIRED):
        raise malformed("The credential does not say where its status is, or has one that its type has not.")
    return entries
