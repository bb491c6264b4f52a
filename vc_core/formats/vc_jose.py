"""VCDM 2.0 secured by JOSE (W3C VC-JOSE-COSE): `vc+jwt`, `vc+sd-jwt` and `vp+jwt`.

The payload is the document itself, beside the JWT's own claims (`iss`, `iat`, `exp` …), which are no properties of the
credential and are taken out of the document. `vc` and `vp`, the claims of VCDM 1.1, must not be there (section
1.1.2.1). `typ` is required, so that no JWT of another kind passes for one of these (RFC 8725 section 3.11), and `cty`,
if there, must fit. A presentation holds its credentials as `EnvelopedVerifiableCredential`s, `data:` URLs, so that each
is secured by itself (section 3.1.2).

What decides whether a `vc+sd-jwt` holds is never hidden (section 3.2.1), nor any part of it. An SD-JWT with key binding
is refused: its holder proves themselves by a presentation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vc_core.crypto.jose import UnverifiedJws, sign_jws
from vc_core.crypto.keys import PublicKey, Signer
from vc_core.formats.concealment import NO_DECOYS, Path, Randomness, create_sd_jwt
from vc_core.formats.disclosures import disclose_claims
from vc_core.formats.sd_jwt import split_sd_jwt
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
    CREDENTIALS_V2,
    CredentialDocument,
    EnvelopedDocument,
    ModelVersion,
    PresentationDocument,
    parse_credential_document,
    parse_presentation_document,
)

_JWT_CLAIMS = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf", "status"})
_ALWAYS_SHOWN = frozenset(
    {
        *(
            "@context",
            "type",
            "issuer",
            "validFrom",
            "validUntil",
            "credentialStatus",
            "credentialSchema",
            "termsOfUse",
        ),
        *("iss", "aud", "exp", "nbf", "iat", "cnf", "status"),
    }
)
_CTY = {EnvelopeKind.VC_JWT: "vc", EnvelopeKind.VC_SD_JWT: "vc", EnvelopeKind.VP_JWT: "vp"}


def create_vc_jwt(
    document: Mapping[str, Any], *, verification_method: str, signer: Signer, expires_at: int | None = None
) -> str:
    """A `vc+jwt` of an unsecured VCDM 2.0 credential, whose issuer must be the DID of `verification_method`.

    `expires_at` ends the signature (`exp`), in seconds since 1970; the credential's own period is in the document.
    Raises `Rejection` `MALFORMED` where the document is not of the model.
    """
    _checked_credential(document, verification_method)
    return sign_jws(_header(EnvelopeKind.VC_JWT, verification_method), _with_expiry(document, expires_at), signer)


def create_vc_sd_jwt(
    document: Mapping[str, Any],
    *,
    hidden: Iterable[Path],
    verification_method: str,
    signer: Signer,
    randomness: Randomness,
    decoys: Mapping[Path, int] = NO_DECOYS,
    holder_key: PublicKey | None = None,
    expires_at: int | None = None,
) -> str:
    """A `vc+sd-jwt` with all its disclosures, of a document as `create_vc_jwt` takes it.

    `hidden`, `decoys` and `randomness` are as `create_sd_jwt` has them, `holder_key` becomes `cnf`. Raises also
    `ValueError` for a path to what must be shown, or to nothing.
    """
    _checked_credential(document, verification_method)
    paths = list(hidden)
    if any(path and path[0] in _ALWAYS_SHOWN for path in paths):
        raise ValueError("what decides whether a credential holds can't be hidden")
    payload = _with_expiry(document, expires_at)
    if holder_key is not None:
        payload["cnf"] = {"jwk": holder_key.to_jwk()}
    header = _header(EnvelopeKind.VC_SD_JWT, verification_method)
    return create_sd_jwt(header, payload, hidden=paths, signer=signer, randomness=randomness, decoys=decoys)


def create_vp_jwt(
    credentials: Sequence[str],
    *,
    verification_method: str,
    signer: Signer,
    issued_at: int,
    audience: str | None = None,
    nonce: str | None = None,
) -> str:
    """A `vp+jwt` of credentials that are `vc+jwt` or `vc+sd-jwt` texts, held by the DID of `verification_method`.

    `issued_at` in seconds since 1970; `audience` and `nonce` are the verifier's.
    """
    claims: dict[str, Any] = {"iat": issued_at, "aud": audience, "nonce": nonce}
    payload = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": verification_method.partition("#")[0],
        "verifiableCredential": [create_enveloped_credential(each) for each in credentials],
        **{name: value for name, value in claims.items() if value is not None},
    }
    return sign_jws(_header(EnvelopeKind.VP_JWT, verification_method), payload, signer)


def create_enveloped_credential(secured: str) -> dict[str, Any]:
    """A `vc+jwt` or `vc+sd-jwt` as an `EnvelopedVerifiableCredential` (VCDM 2.0 section 4.13.2)."""
    kind = EnvelopeKind.VC_SD_JWT if "~" in secured else EnvelopeKind.VC_JWT
    return _enveloped(kind, "EnvelopedVerifiableCredential", secured)


def create_enveloped_presentation(secured: str) -> dict[str, Any]:
    """A `vp+jwt` as an `EnvelopedVerifiablePresentation` (VCDM 2.0 section 4.13.3)."""
    return _enveloped(EnvelopeKind.VP_JWT, "EnvelopedVerifiablePresentation", secured)


def parse_vc_jose(text: str, *, typ: str = EnvelopeKind.VC_JWT) -> UnverifiedEnvelope:
    """A `vc+jwt`. Raises `Rejection`: `TOO_LARGE` over 64 KiB, `MALFORMED`, `STATUS_UNAVAILABLE`."""
    check_length(text, MAX_CREDENTIAL_LENGTH)
    jws, kid = parse_envelope_jws(text, typ=typ)
    return _credential(EnvelopeKind.VC_JWT, jws, kid, jws.payload)


def parse_vc_sd_jwt(text: str) -> UnverifiedEnvelope:
    """A `vc+sd-jwt`, with what its disclosures disclose. Raises `Rejection` as `parse_vc_jose`, `split_sd_jwt` do."""
    issuer_jwt, disclosures, kb_jwt = split_sd_jwt(text)
    if kb_jwt:
        raise malformed("The credential comes with a key binding, which has no place here.")
    jws, kid = parse_envelope_jws(issuer_jwt, typ=EnvelopeKind.VC_SD_JWT)
    payload = disclose_claims(jws.payload, disclosures)
    missing = object()
    if any(payload.get(name, missing) != jws.payload.get(name, missing) for name in _ALWAYS_SHOWN):
        raise malformed("The credential hides what decides whether it holds.")
    return _credential(EnvelopeKind.VC_SD_JWT, jws, kid, payload)


def parse_vp_jose(text: str, *, typ: str = EnvelopeKind.VP_JWT) -> UnverifiedEnvelope:
    """A `vp+jwt` and all credentials in it. Raises `Rejection`: `TOO_LARGE` over 256 KiB, and as `parse_vc_jose`."""
    check_length(text, MAX_PRESENTATION_LENGTH)
    jws, kid = parse_envelope_jws(text, typ=typ)
    payload = jws.payload
    document = parse_presentation_document(_document(EnvelopeKind.VP_JWT, jws, payload))
    _check_version(document)
    check_binding(kid, document.holder, payload.get("iss"))
    return envelope_presentation(EnvelopeKind.VP_JWT, document, jws, kid, _parse_contained)


def parse_enveloped_vc(enveloped: EnvelopedDocument) -> UnverifiedEnvelope:
    """The credential in an `EnvelopedVerifiableCredential`. Raises `Rejection` as the formats do."""
    match enveloped.media_type:
        case "application/vc+jwt":
            return parse_vc_jose(enveloped.content)
        case "application/vc+sd-jwt":
            return parse_vc_sd_jwt(enveloped.content)
        case _:
            raise malformed("The envelope is of a media type that is not known here.")


def _parse_contained(contained: CredentialDocument | EnvelopedDocument | str) -> UnverifiedEnvelope:
    if not isinstance(contained, EnvelopedDocument):
        raise malformed("A credential in a vp+jwt must be in an envelope of its own.")
    return parse_enveloped_vc(contained)


def _credential(kind: EnvelopeKind, jws: UnverifiedJws, kid: str, payload: Mapping[str, Any]) -> UnverifiedEnvelope:
    document = parse_credential_document(_document(kind, jws, payload))
    _check_version(document)
    check_binding(kid, document.issuer, payload.get("iss"))
    if "aud" in payload:
        raise malformed("The credential is for somebody else: a credential has no audience.")
    check_same(payload.get("jti"), document.document.get("id"))
    subject = document.document["credentialSubject"]
    if isinstance(subject, dict):
        check_same(payload.get("sub"), subject.get("id"))
    return UnverifiedEnvelope(
        kind,
        document,
        kid,
        signed_bytes(jws),
        issued_at=numeric_date(payload, "iat"),
        not_before=numeric_date(payload, "nbf"),
        expires_at=numeric_date(payload, "exp"),
        status=status_of(payload),
    )


def _document(kind: EnvelopeKind, jws: UnverifiedJws, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The document in a payload, the header's `cty` checked."""
    if jws.header.get("cty", _CTY[kind]) not in (_CTY[kind], f"application/{_CTY[kind]}"):
        raise malformed("The document is said to be of another kind than it is.")
    if "vc" in payload or "vp" in payload:
        raise malformed("The document has claims of another version of the data model.")
    return {name: value for name, value in payload.items() if name not in _JWT_CLAIMS}


def _check_version(document: CredentialDocument | PresentationDocument) -> None:
    if document.version is not ModelVersion.V2_0:
        raise malformed("The document is of another version of the data model.")


def _checked_credential(document: Mapping[str, Any], verification_method: str) -> None:
    parsed = parse_credential_document(dict(document))
    _check_version(parsed)
    check_binding(verification_method, parsed.issuer)


def _header(kind: EnvelopeKind, verification_method: str) -> dict[str, str]:
    return {"typ": kind.value, "cty": _CTY[kind], "kid": verification_method}


def _with_expiry(document: Mapping[str, Any], expires_at: int | None) -> dict[str, Any]:
    return dict(document) if expires_at is None else {**document, "exp": expires_at}


def _enveloped(kind: EnvelopeKind, type: str, secured: str) -> dict[str, Any]:
    return {"@context": [CREDENTIALS_V2], "type": type, "id": f"data:application/{kind.value},{secured}"}
