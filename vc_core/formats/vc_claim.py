"""VCDM 1.1 secured as a JWT (section 6.3.1), which OpenID4VC calls `jwt_vc_json`, its presentation `jwt_vp_json`.

The document is in the claim `vc` or `vp`; some of its members are (also) claims of the JWT:

    iss    issuer, or the holder of a presentation        jti    id
    nbf    issuanceDate                                   sub    credentialSubject.id
    exp    expirationDate                                 aud    whom a presentation is for

A reader puts the claims into the document. The model lets a claim win over a member of another value; here that is
refused, since another reader may go by the member. `typ` must be `JWT` if it is there, so anything whose payload has
the claim `vc` passes for a credential: kinds of ours that are signed with the same keys all have another `typ`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from vc_core.crypto.jose import sign_jws
from vc_core.crypto.keys import Signer
from vc_core.errors import Rejection
from vc_core.formats.credential import StatusReference
from vc_core.formats.vc_envelope import (
    MAX_CREDENTIAL_LENGTH,
    MAX_PRESENTATION_LENGTH,
    EnvelopeKind,
    UnverifiedEnvelope,
    check_binding,
    check_length,
    check_same,
    envelope_presentation,
    malformed,
    numeric_date,
    parse_envelope_jws,
    signed_bytes,
    status_of,
)
from vc_core.formats.vcdm import (
    CREDENTIALS_V1,
    CredentialDocument,
    ModelVersion,
    PresentationDocument,
    parse_credential_document,
    parse_datetime,
    parse_presentation_document,
)

TYP = "JWT"


def create_jwt_vc(
    document: Mapping[str, Any],
    *,
    verification_method: str,
    signer: Signer,
    issued_at: int | None = None,
    status: StatusReference | None = None,
) -> str:
    """A JWT of an unsecured VCDM 1.1 credential, whose issuer must be the DID of `verification_method`.

    The document stays whole in `vc`; `issued_at` (`iat`, seconds since 1970) and `status` (Token Status List) have no
    place in it. Raises `Rejection` `MALFORMED` where the document is not of the model.
    """
    parsed = parse_credential_document(dict(document))
    _check_version(parsed)
    check_binding(verification_method, parsed.issuer)
    subject = document["credentialSubject"]
    claims = {
        "iss": parsed.issuer,
        "sub": subject.get("id") if isinstance(subject, dict) else None,
        "jti": document.get("id"),
        "nbf": parsed.valid_from,
        "exp": parsed.valid_until,
        "iat": issued_at,
        "status": None if status is None else {"status_list": {"idx": status.index, "uri": status.uri}},
        "vc": dict(document),
    }
    payload = {name: value for name, value in claims.items() if value is not None}
    return sign_jws({"typ": TYP, "kid": verification_method}, payload, signer)


def create_jwt_vp(
    credentials: Sequence[str],
    *,
    verification_method: str,
    signer: Signer,
    issued_at: int,
    audience: str | None = None,
    nonce: str | None = None,
) -> str:
    """A presentation of credentials that are JWTs of VCDM 1.1, held by the DID of `verification_method`.

    `issued_at` in seconds since 1970; `audience` and `nonce` are the verifier's.
    """
    holder = verification_method.partition("#")[0]
    document = {
        "@context": [CREDENTIALS_V1],
        "type": ["VerifiablePresentation"],
        "holder": holder,
        "verifiableCredential": list(credentials),
    }
    claims = {"iss": holder, "iat": issued_at, "aud": audience, "nonce": nonce, "vp": document}
    payload = {name: value for name, value in claims.items() if value is not None}
    return sign_jws({"typ": TYP, "kid": verification_method}, payload, signer)


def parse_jwt_vc(text: str, *, typ: str | None = TYP) -> UnverifiedEnvelope:
    """A credential of VCDM 1.1 as a JWT; `typ` is what its header must have, None for nothing.

    Raises `Rejection`: `TOO_LARGE` over 64 KiB, `MALFORMED`, `STATUS_UNAVAILABLE`.
    """
    check_length(text, MAX_CREDENTIAL_LENGTH)
    jws, kid = parse_envelope_jws(text, typ=typ)
    payload = jws.payload
    document = parse_credential_document(_decoded_credential(payload))
    _check_version(document)
    check_binding(kid, document.issuer)
    if "aud" in payload:
        raise malformed("The credential is for somebody else: a credential has no audience.")
    return UnverifiedEnvelope(
        EnvelopeKind.JWT_VC,
        document,
        kid,
        signed_bytes(jws),
        issued_at=numeric_date(payload, "iat"),
        not_before=numeric_date(payload, "nbf"),
        expires_at=numeric_date(payload, "exp"),
        status=status_of(payload),
    )


def parse_jwt_vp(text: str, *, typ: str | None = TYP) -> UnverifiedEnvelope:
    """A presentation of VCDM 1.1 as a JWT, and the credentials in it, which must be such JWTs as well.

    Raises `Rejection`: `TOO_LARGE` over 256 KiB or 20 credentials, and as `parse_jwt_vc`.
    """
    check_length(text, MAX_PRESENTATION_LENGTH)
    jws, kid = parse_envelope_jws(text, typ=typ)
    payload = jws.payload
    document = parse_presentation_document(_decoded_presentation(payload))
    _check_version(document)
    check_binding(kid, document.holder)
    return envelope_presentation(EnvelopeKind.JWT_VP, document, jws, kid, _parse_contained)


def _parse_contained(contained: object) -> UnverifiedEnvelope:
    if not isinstance(contained, str):
        raise malformed("A credential in the presentation is not a JWT.")
    # What is inside is a JWT of the same kind, whose `typ` may be there or not.
    try:
        return parse_jwt_vc(contained)
    except Rejection:
        return parse_jwt_vc(contained, typ=None)


def _decoded_credential(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The credential, with what the JWT's claims say of it put in (section 6.3.1, JWT decoding)."""
    document = _claim(payload, "vc", other="vp")
    issuer = document.get("issuer")
    check_same(payload["iss"], issuer.get("id") if isinstance(issuer, dict) else issuer)
    if not isinstance(issuer, dict):
        document["issuer"] = payload["iss"]
    _put(document, "id", payload.get("jti"))
    _put_time(document, "issuanceDate", numeric_date(payload, "nbf"))
    _put_time(document, "expirationDate", numeric_date(payload, "exp"))
    if "sub" in payload:
        document["credentialSubject"] = _with_id(document.get("credentialSubject"), payload["sub"])
    return document


def _decoded_presentation(payload: Mapping[str, Any]) -> dict[str, Any]:
    document = _claim(payload, "vp", other="vc")
    _put(document, "holder", payload["iss"])
    _put(document, "id", payload.get("jti"))
    return document


def _claim(payload: Mapping[str, Any], name: str, *, other: str) -> dict[str, Any]:
    """A copy of the document in that claim; `iss` is there."""
    document = payload.get(name)
    if not isinstance(document, dict) or other in payload:
        raise malformed(f"The JWT does not hold one document in the claim {name}.")
    if not isinstance(payload.get("iss"), str):
        raise malformed("The JWT does not name who made it.")
    return dict(document)


def _put(document: dict[str, Any], member: str, claim: Any) -> None:
    check_same(claim, document.get(member))
    if claim is not None:
        document[member] = claim


def _put_time(document: dict[str, Any], member: str, claim: int | None) -> None:
    """As `_put`; the member may have a fraction of a second, which the claim has lost."""
    if claim is None:
        return
    if member in document and claim not in parse_datetime(document[member]):
        raise malformed("The document says a thing in two ways that do not agree.")
    document.setdefault(member, format_datetime(claim))


def _with_id(subject: Any, identifier: Any) -> Any:
    """The one subject with its `id`; a `sub` can't be of several."""
    if isinstance(subject, list) and len(subject) == 1:
        subject = subject[0]
    if not isinstance(subject, dict):
        raise malformed("The JWT names one subject, the document another number of them.")
    named = dict(subject)
    _put(named, "id", identifier)
    return named


def format_datetime(moment: int) -> str:
    """Seconds since 1970 as a date and time in UTC, `2026-11-25T19:30:00Z`."""
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_version(document: CredentialDocument | PresentationDocument) -> None:
    if document.version is not ModelVersion.V1_1:
        raise malformed("The document is of another version of the data model.")
