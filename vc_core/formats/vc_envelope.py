"""An enveloped document: a credential or presentation of the W3C model inside a JWT, and who the JWT says signed it.

Five kinds, told apart by what the issuer or holder signed, never by what it was sent as:

    vc+jwt, vp+jwt     VCDM 2.0, the document is the payload                         `vc_jose.py`
    vc+sd-jwt          VCDM 2.0, some of the payload hidden behind digests           `vc_jose.py`
    jwt_vc_json,       VCDM 1.1, the document in the claim `vc` or `vp`, some of     `vc_claim.py`
    jwt_vp_json        it mapped to the JWT's own claims

All parse into `UnverifiedEnvelope`, which names the signer's key; whoever has found that key verifies with
`UnverifiedEnvelope.verify`. What the kinds have in common is here: the header, the binding of issuer or holder to the
key, the JWT's own claims. `vc_jwt.py` is where to start reading, and what other packages call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vc_core.crypto.jose import JwsError, UnverifiedJws, parse_jws
from vc_core.crypto.keys import Algorithm, PublicKey, SignatureInvalid
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import MAX_TIME, SignedBytes, StatusReference, is_verification_method
from vc_core.formats.vcdm import CredentialDocument, PresentationDocument

MAX_CREDENTIAL_LENGTH = 64 * 1024
MAX_PRESENTATION_LENGTH = 256 * 1024
MAX_CREDENTIALS = 20
"""Credentials in one presentation."""
_ALGORITHMS = tuple(map(str, Algorithm))
_MAX_URI_LENGTH = 2048
_MAX_AUDIENCES = 10


class EnvelopeKind(StrEnum):
    """The five kinds: those of VC-JOSE-COSE by their media subtypes, those of VCDM 1.1 as OpenID4VC names them."""

    VC_JWT = "vc+jwt"
    VC_SD_JWT = "vc+sd-jwt"
    VP_JWT = "vp+jwt"
    JWT_VC = "jwt_vc_json"
    JWT_VP = "jwt_vp_json"


@dataclass(frozen=True)
class UnverifiedEnvelope:
    """A document in a JWT, of the form that the model asks for, its signature not yet checked.

    `verification_method` is the key that the header names, `<did>#<fragment>`, which is the issuer's or, of a
    presentation, the holder's. `issued_at`, `not_before` and `expires_at` are the JWT's own times in seconds since
    1970, None where it has none; the credential's validity period is in `document`. `audience` is empty and `nonce`
    None where the JWT names none. `status` is the JWT's own `status` claim (Token Status List), not the document's
    `credentialStatus`. `credentials` are those of a presentation, each in an envelope of its own.
    """

    kind: EnvelopeKind
    document: CredentialDocument | PresentationDocument
    verification_method: str
    signed: SignedBytes
    issued_at: int | None
    not_before: int | None
    expires_at: int | None
    audience: tuple[str, ...] = ()
    nonce: str | None = None
    status: StatusReference | None = None
    credentials: tuple[UnverifiedEnvelope, ...] = ()

    @property
    def signer(self) -> str:
        """The DID of whoever signed, if the signature is good: the issuer, or the presentation's holder."""
        return self.verification_method.partition("#")[0]

    def verify(self, key: PublicKey, *, now: int, clock_tolerance: int = 0) -> None:
        """Returns when the signature is this key's and both the JWT and the credential in it are in force.

        The caller still owes: to find `key` as `verification_method` in the signer's DID document, under
        `assertionMethod` for a credential and `authentication` for a presentation; the status; `audience` and
        `nonce` of a presentation, and to verify the `credentials` in it. Raises `Rejection`: `BAD_SIGNATURE`,
        `NOT_YET_VALID`, `EXPIRED_CREDENTIAL`.
        """
        try:
            self.signed.verify(key)
        except SignatureInvalid as cause:
            raise Rejection(ReasonCode.BAD_SIGNATURE, "The document was changed, or not signed by that key.") from cause
        if self.not_before is not None and self.not_before > now + clock_tolerance:
            raise Rejection(ReasonCode.NOT_YET_VALID, "The document is not valid yet.")
        if self.expires_at is not None and now >= self.expires_at:
            raise Rejection(ReasonCode.EXPIRED_CREDENTIAL, "The document has expired.")
        if isinstance(self.document, CredentialDocument):
            self.document.check_validity(now=now, clock_tolerance=clock_tolerance)

    def check_answer(self, *, expected_audience: str | None, expected_nonce: str | None) -> None:
        """Returns when a presentation is for this audience and answers this nonce, None where none was given out.

        Raises `Rejection` `WRONG_AUDIENCE`, also where it names other audiences beside, or a nonce unasked.
        """
        if self.audience != (() if expected_audience is None else (expected_audience,)):
            raise Rejection(ReasonCode.WRONG_AUDIENCE, "The presentation was made for somebody else.")
        if self.nonce != expected_nonce:
            raise Rejection(ReasonCode.WRONG_AUDIENCE, "The presentation does not answer what was asked.")


def parse_envelope_jws(text: str | bytes, *, typ: str | None) -> tuple[UnverifiedJws, str]:
    """The JWS and the key that its header names, a DID URL; `typ` None for a header without one.

    Raises `Rejection` `MALFORMED`, also where the header brings a key of its own.
    """
    try:
        jws = parse_jws(text, typ=typ, algorithms=_ALGORITHMS)
    except JwsError as cause:
        raise malformed("The document is not a JWT of the kind that it should be.") from cause
    if "jwk" in jws.header or "x5c" in jws.header:
        raise malformed("The document brings its own key.")
    kid = jws.header.get("kid")
    if not is_verification_method(kid):
        raise malformed("The document does not name the key that signed it by a DID URL.")
    return jws, kid


def envelope_presentation(
    kind: EnvelopeKind,
    document: PresentationDocument,
    jws: UnverifiedJws,
    kid: str,
    parse_contained: Callable[[Any], UnverifiedEnvelope],
) -> UnverifiedEnvelope:
    """A presentation with what its JWT says of it, and each credential in it as `parse_contained` reads it.

    Raises `Rejection`: `TOO_LARGE` over `MAX_CREDENTIALS`, `MALFORMED`.
    """
    if len(document.credentials) > MAX_CREDENTIALS:
        raise Rejection(ReasonCode.TOO_LARGE, "The presentation holds too many credentials.")
    payload = jws.payload
    return UnverifiedEnvelope(
        kind,
        document,
        kid,
        signed_bytes(jws),
        issued_at=numeric_date(payload, "iat"),
        not_before=numeric_date(payload, "nbf"),
        expires_at=numeric_date(payload, "exp"),
        audience=audience_of(payload),
        nonce=nonce_of(payload),
        credentials=tuple(map(parse_contained, document.credentials)),
    )


def check_binding(kid: str, *parties: Any) -> None:
    """Each party that is named (not None) must be the DID of the key: a good signature of someone else says nothing.

    Compared whole, never as a beginning. Raises `Rejection` `MALFORMED`.
    """
    did = kid.partition("#")[0]
    if any(party is not None and party != did for party in parties):
        raise malformed("The document names another issuer or holder than the one of its key.")


def check_same(claim: Any, member: Any) -> None:
    """A JWT claim and the document's member for the same must agree where both are there (not None)."""
    if claim is not None and member is not None and claim != member:
        raise malformed("The document says a thing in two ways that do not agree.")


def numeric_date(claims: Mapping[str, Any], name: str) -> int | None:
    """A time in seconds since 1970, None where there is none. Raises `Rejection` `MALFORMED`; no fractions."""
    value = claims.get(name)
    if value is None and name not in claims:
        return None
    if type(value) is not int or not 0 <= value <= MAX_TIME:
        raise malformed("A time in the document is not a whole number.")
    return value


def audience_of(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """`aud` (RFC 7519 section 4.1.3), one or several; empty where there is none."""
    value = claims.get("aud", [])
    audiences = value if isinstance(value, list) else [value]
    if len(audiences) > _MAX_AUDIENCES or not all(_is_text(each) for each in audiences):
        raise malformed("The document does not say properly whom it is for.")
    return tuple(audiences)


def nonce_of(claims: Mapping[str, Any]) -> str | None:
    """`nonce`, None where there is none."""
    if "nonce" not in claims:
        return None
    if not _is_text(claims["nonce"]):
        raise malformed("The document's nonce is not text.")
    return str(claims["nonce"])


def status_of(claims: Mapping[str, Any]) -> StatusReference | None:
    """The claim `status` with a `status_list` (Token Status List section 6.2), None where there is none.

    Raises `Rejection`: `MALFORMED`, and `STATUS_UNAVAILABLE` for a status of a kind that is not known here.
    """
    if "status" not in claims:
        return None
    status = claims["status"]
    if not isinstance(status, dict) or "status_list" not in status:
        raise Rejection(ReasonCode.STATUS_UNAVAILABLE, "The document's status is of a kind that is not known here.")
    reference = status["status_list"]
    index = reference.get("idx") if isinstance(reference, dict) else None
    if type(index) is not int or index < 0 or not _is_text(reference.get("uri")):
        raise malformed("The document does not say properly where its status is.")
    return StatusReference(reference["uri"], index)


def signed_bytes(jws: UnverifiedJws) -> SignedBytes:
    """What the signer signed."""
    return SignedBytes(Algorithm(jws.header["alg"]), jws.signing_input, jws.signature)


def check_length(text: str, longest: int) -> None:
    """Raises `Rejection` `TOO_LARGE`."""
    if len(text) > longest:
        raise Rejection(ReasonCode.TOO_LARGE, "The document is too large.")


def malformed(message: str) -> Rejection:
    """A refusal of what is not of the form."""
    return Rejection(ReasonCode.MALFORMED, message)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MAX_URI_LENGTH
