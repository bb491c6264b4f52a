"""VCDM 1.1 credentials and presentations from others: parsed, in the form that a signature covers whole, unverified.

Two ways of securing: a JSON-LD proof of one of the legacy suites, or a JWT (VCDM 1.1 section 6.3.1). What a JWT says
twice, in a registered claim and in `vc`, must agree.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from vc_core.encoding import EncodingError, base64url_decode, parse_json_object
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import MAX_TIME
from vc_core.formats.legacy.contexts import CREDENTIALS_V1, ED25519_2020, JWS_2020
from vc_core.formats.legacy.linked_data import check_plain_form
from vc_core.formats.vcdm import (
    CredentialDocument,
    EnvelopedDocument,
    parse_credential_document,
    parse_datetime,
    parse_presentation_document,
)

MAX_LENGTH = 64 * 1024
"""Characters of a credential or a presentation."""
MAX_CREDENTIALS = 16
"""In one presentation."""

PROOF_TYPES = ("Ed25519Signature2018", "Ed25519Signature2020", "JsonWebSignature2020")
JWT_ALGORITHMS = ("EdDSA", "ES256", "ES256K")
_PROOF_MEMBERS = {
    "@context", "challenge", "created", "domain", "jws", "proofPurpose", "proofValue", "type", "verificationMethod",
}  # fmt: skip
_PROOF_CONTEXTS = (ED25519_2020, JWS_2020)
_JWT_HEADER_MEMBERS = {"alg", "kid", "typ"}
_SELF_CONTAINED = re.compile(
    r"(did:(?:key:z[1-9A-HJ-NP-Za-km-z]{1,200}|jwk:[A-Za-z0-9_-]{1,1400}))#[A-Za-z0-9]{1,200}\Z"
)


class Securing(StrEnum):
    """How a document is signed."""

    LINKED_DATA = "ldp"
    JWT = "jwt"


@dataclass(frozen=True)
class LegacyProof:
    """What is to be verified: `text` is the whole secured document, `verification_method` the DID URL of the key.

    The DID is one that is its own key (did:key, did:jwk). Times are seconds since 1970.
    """

    text: str
    securing: Securing
    verification_method: str
    created: int
    challenge: str | None
    domain: str | None

    @property
    def signer(self) -> str:
        """The DID of the key."""
        return self.verification_method.partition("#")[0]


@dataclass(frozen=True)
class LegacyCredential:
    """A VCDM 1.1 credential; `document` without its proof. `valid_until` is exclusive, None for never."""

    document: Mapping[str, Any]
    issuer: str
    valid_from: int
    valid_until: int | None
    has_status: bool
    proof: LegacyProof


@dataclass(frozen=True)
class LegacyPresentation:
    """A VCDM 1.1 presentation with at least one credential; `document` without its proof.

    `holder` is the DID that signed it.
    """

    document: Mapping[str, Any]
    holder: str
    credentials: tuple[LegacyCredential, ...]
    proof: LegacyProof


def parse_legacy_credential(secured: Mapping[str, Any] | str) -> LegacyCredential:
    """A credential as a JSON object with a proof, or as a JWT.

    Raises `Rejection`: `TOO_LARGE`, `NOT_A_CREDENTIAL` for another version of the model, `UNKNOWN_ISSUER` for a DID
    that is not its own key, `MALFORMED`.
    """
    if isinstance(secured, str):
        document, proof = _parse_credential_jwt(secured)
    else:
        document, proof = _parse_linked_data(secured, purpose="assertionMethod")
    parsed = parse_credential_document(document)
    if parsed.valid_from is None:  # which the model of this version requires
        raise _malformed("The credential has no date of issuance.")
    if parsed.issuer != proof.signer:
        raise Rejection(ReasonCode.BAD_SIGNATURE, "The credential is signed by another than its issuer.")
    return LegacyCredential(
        document, parsed.issuer, parsed.valid_from, parsed.valid_until, "credentialStatus" in document, proof
    )


def parse_legacy_presentation(secured: Mapping[str, Any] | str) -> LegacyPresentation:
    """A presentation as a JSON object with a proof, or as a JWT; credentials in a JWT may be either.

    Raises `Rejection` as `parse_legacy_credential` does, and `HOLDER_KEY` where another than its holder signed.
    """
    if isinstance(secured, str):
        document, proof = _parse_presentation_jwt(secured)
    else:
        document, proof = _parse_linked_data(secured, purpose="authentication")
    parsed = parse_presentation_document(document)
    if parsed.holder not in (None, proof.signer):
        raise Rejection(ReasonCode.HOLDER_KEY, "The presentation is signed by another than its holder.")
    if not 1 <= len(parsed.credentials) <= MAX_CREDENTIALS:
        raise _malformed("The presentation has no credential, or too many.")
    credentials = tuple(_parse_contained(each, proof.securing) for each in parsed.credentials)
    return LegacyPresentation(document, proof.signer, credentials, proof)


def _parse_contained(contained: CredentialDocument | EnvelopedDocument | str, securing: Securing) -> LegacyCredential:
    if isinstance(contained, CredentialDocument):
        return parse_legacy_credential(contained.document)
    # In a JSON-LD presentation a JWT is text that its proof does not cover.
    if isinstance(contained, EnvelopedDocument) or securing is not Securing.JWT:
        raise _malformed("The presentation has something else in place of a credential.")
    return parse_legacy_credential(contained)


def _parse_linked_data(secured: Mapping[str, Any], *, purpose: str) -> tuple[dict[str, Any], LegacyProof]:
    """A JSON-LD document without its one proof, in plain form, and the proof."""
    text = json.dumps(secured, ensure_ascii=False)
    if len(text) > MAX_LENGTH:
        raise Rejection(ReasonCode.TOO_LARGE, "The credential is over the limit.")
    document = {name: value for name, value in secured.items() if name != "proof"}
    _require_version(document)
    check_plain_form({name: value for name, value in document.items() if name != "verifiableCredential"})
    proof = secured.get("proof")
    if not isinstance(proof, dict) or proof.keys() - _PROOF_MEMBERS:
        raise _malformed("There is no proof, more than one, or one with unknown members.")
    if not all(isinstance(value, str) for name, value in proof.items() if name != "@context"):
        raise _malformed("The proof has a member of the wrong kind.")
    if proof.get("type") not in PROOF_TYPES or proof.get("proofPurpose") != purpose or not _has_our_contexts(proof):
        raise _malformed("The proof is not of a kind or purpose that is verified here.")
    return document, LegacyProof(
        text,
        Securing.LINKED_DATA,
        _parse_verification_method(proof.get("verificationMethod")),
        parse_datetime(proof.get("created"))[0],
        proof.get("challenge"),
        proof.get("domain"),
    )


def _has_our_contexts(proof: Mapping[str, Any]) -> bool:
    """Whether a proof has no context of its own, or that of its suite, as didkit writes it."""
    names = proof.get("@context", [])
    return all(name in _PROOF_CONTEXTS for name in (names if isinstance(names, list) else [names]))


def _parse_credential_jwt(text: str) -> tuple[dict[str, Any], LegacyProof]:
    """The credential that a JWT holds, with the registered claims in their places (VCDM 1.1 section 6.3.1)."""
    header, claims = _parse_jwt(text)
    document = claims.get("vc")
    if not isinstance(document, dict) or "vp" in claims or "proof" in document or "aud" in claims:
        raise _malformed("The JWT does not hold one credential.")
    _require_version(document)
    document = dict(document)
    _unite(document, "id", claims.get("jti"))
    _unite(document, "issuer", claims.get("iss"))
    subject = document.get("credentialSubject")
    if "sub" in claims and isinstance(subject, dict):
        document["credentialSubject"] = dict(subject)
        _unite(document["credentialSubject"], "id", claims["sub"])
    _unite_times(document, claims)
    return document, _jwt_proof(text, header, claims)


def _parse_presentation_jwt(text: str) -> tuple[dict[str, Any], LegacyProof]:
    header, claims = _parse_jwt(text)
    document = claims.get("vp")
    if not isinstance(document, dict) or "vc" in claims or "proof" in document:
        raise _malformed("The JWT does not hold one presentation.")
    _require_version(document)
    document = dict(document)
    _unite(document, "holder", claims.get("iss"))
    if "exp" in claims or "nbf" in claims:
        raise _malformed("A presentation that has its own dates is not verified here.")
    return document, _jwt_proof(text, header, claims)


def _parse_jwt(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a compact JWT with only the header members that a legacy credential needs."""
    if len(text) > MAX_LENGTH:
        raise Rejection(ReasonCode.TOO_LARGE, "The credential is over the limit.")
    segments = text.split(".")
    try:
        header, claims = (parse_json_object(base64url_decode(each)) for each in segments[:2])
        base64url_decode(segments[2])
    except (EncodingError, ValueError, IndexError) as cause:
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This is not a JWT.") from cause
    if len(segments) != 3 or header.keys() - _JWT_HEADER_MEMBERS or header.get("alg") not in JWT_ALGORITHMS:
        raise _malformed("The JWT's header has something that is not taken here.")
    if header.get("typ", "JWT") != "JWT":
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "The JWT is of another kind.")
    return header, claims


def _jwt_proof(text: str, header: Mapping[str, Any], claims: Mapping[str, Any]) -> LegacyProof:
    for name in ("nonce", "aud"):
        if name in claims and not isinstance(claims[name], str):
            raise _malformed("The JWT has a claim of the wrong kind.")
    created = claims.get("iat", claims.get("nbf", 0))
    verification_method = _parse_verification_method(header.get("kid"))
    return LegacyProof(
        text, Securing.JWT, verification_method, _parse_number(created), claims.get("nonce"), claims.get("aud")
    )


def _unite(document: dict[str, Any], name: str, claim: Any) -> None:
    """Puts a registered claim where the model has it. Raises `MALFORMED` where both are there and differ."""
    if claim is None:
        return
    member = document.get(name)
    identifier = member.get("id") if isinstance(member, dict) else member
    if not isinstance(claim, str) or (name in document and identifier != claim):
        raise _malformed("The JWT says one thing in its claims and another in the credential.")
    document.setdefault(name, claim)


def _unite_times(document: dict[str, Any], claims: Mapping[str, Any]) -> None:
    """The same for `nbf` and `exp`, which are whole seconds; the member may have a fraction."""
    for claim, name in (("nbf", "issuanceDate"), ("exp", "expirationDate")):
        if claim not in claims:
            continue
        moment = _parse_number(claims[claim])
        if name in document and moment not in parse_datetime(document[name]):
            raise _malformed("The JWT says one thing in its claims and another in the credential.")
        document.setdefault(name, datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def _require_version(document: Mapping[str, Any]) -> None:
    """Whether the first context is of VCDM 1.1. Raises `NOT_A_CREDENTIAL`."""
    contexts = document.get("@context")
    if (contexts[:1] if isinstance(contexts, list) else [contexts]) != [CREDENTIALS_V1]:
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This is not a credential of VCDM 1.1.")


def _parse_verification_method(value: Any) -> str:
    """The DID URL of a key that its DID holds in itself: anything else the library would ask the network for."""
    if not isinstance(value, str) or _SELF_CONTAINED.match(value) is None:
        raise Rejection(ReasonCode.UNKNOWN_ISSUER, "Legacy credentials are taken from did:key and did:jwk only.")
    return value


def _parse_number(value: Any) -> int:
    """A NumericDate (RFC 7519 section 2)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_TIME:
        raise _malformed("A date is not of its form.")
    return int(value)


def _malformed(sentence: str) -> Rejection:
    return Rejection(ReasonCode.MALFORMED, sentence)
