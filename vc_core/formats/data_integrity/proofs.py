"""Proofs on a document: reading, verifying and making them (VC Data Integrity 1.0 sections 2.1, 4).

A document may have one proof, a set of them, or a chain, in which a proof also signs the ones that it names in
`previousProof`. Whatever there is must hold: one bad proof refuses the document, and so does one of a kind that is not
known here, since nobody could say what it was meant to add.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from vc_core.crypto.keys import PublicKey, SignatureInvalid, Signer
from vc_core.did.multibase import MultibaseError, multibase_decode, multibase_encode
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import is_verification_method
from vc_core.formats.data_integrity.cryptosuites import Cryptosuite, ProofInput, message_to_sign
from vc_core.formats.vcdm import is_url, parse_datetime

_SUITES = {str(suite): suite for suite in Cryptosuite}
MAX_PROOFS = 10
MAX_TEXT = 2048
"""Characters that a challenge, a domain or a nonce may have."""


class ProofPurpose(StrEnum):
    """What a proof is for, and in which relationship its key must be to who is meant to have made it."""

    ASSERTION_METHOD = "assertionMethod"
    AUTHENTICATION = "authentication"


@dataclass(frozen=True)
class UnverifiedProof:
    """A proof as its members claim. `created` and `expires` are seconds since 1970; `domains` may be empty."""

    configuration: Mapping[str, Any]
    cryptosuite: Cryptosuite
    verification_method: str
    purpose: str
    signature: bytes
    created: int | None
    expires: int | None
    challenge: str | None
    domains: tuple[str, ...]
    id: str | None
    previous: tuple[str, ...]

    @property
    def controller(self) -> str:
        """The DID whose key is named."""
        return self.verification_method.partition("#")[0]


@dataclass(frozen=True)
class Expectations:
    """What the proofs on a document must be for, and when. Times in seconds since 1970, tolerance in seconds.

    A presentation is asked for with a `challenge`, and with the `domains` by which it may address who asked; None and
    none mean that the proofs may say what they like.
    """

    purpose: ProofPurpose
    now: int
    challenge: str | None = None
    domains: Collection[str] = ()
    clock_tolerance: int = 30


def parse_proofs(document: Mapping[str, Any]) -> tuple[UnverifiedProof, ...]:
    """The proofs on a document, no signature checked yet, in their order.

    Raises `Rejection`: `MALFORMED` where there is none, one is not of the form or of a kind that we do not know, or a
    chain names what is not there; `TOO_LARGE` for more than ten.
    """
    value = document.get("proof")
    listed = value if isinstance(value, list) else [value]
    if len(listed) > MAX_PROOFS:
        raise Rejection(ReasonCode.TOO_LARGE, "The document has too many proofs.")
    proofs = tuple(_parse_proof(each) for each in listed)
    if not proofs:
        raise _malformed("The document has no proof.")
    if len(proofs) > 1 or proofs[0].previous:
        _check_chain(proofs)
    return proofs


def verify_proofs(
    document: Mapping[str, Any],
    proofs: Sequence[UnverifiedProof],
    *,
    keys: Mapping[str, PublicKey],
    expected: Expectations,
    own_terms: bool = False,
) -> None:
    """Returns when all the proofs, as `parse_proofs` found them, hold; raises `Rejection` otherwise.

    `keys` are those by verification method that are in the relationship expected, see `resolve_proof_keys`. Codes:
    `BAD_SIGNATURE` for a credential or `HOLDER_KEY` for a presentation where the purpose, the key or the signature is
    wrong; `WRONG_AUDIENCE` for challenge and domain; `CLOCK_SKEW` or `NOT_YET_VALID`, and `EXPIRED_PRESENTATION` or
    `EXPIRED_CREDENTIAL` for the proof's own times; `MALFORMED`, `TOO_LARGE` where the document can't be read.
    """
    for proof in proofs:
        check_expectations(proof, expected)
    present = document["proof"] if isinstance(document["proof"], list) else [document["proof"]]
    inputs: dict[tuple[str, ...], ProofInput] = {}
    for proof in proofs:
        if proof.previous not in inputs:
            secured = _secured_part(document, present, proof.previous)
            inputs[proof.previous] = ProofInput(secured, proof.configuration, own_terms)
        given = replace(inputs[proof.previous], configuration=proof.configuration)
        _verify_signature(given, proof, keys, expected.purpose)


def check_expectations(proof: UnverifiedProof, expected: Expectations) -> None:
    """Raises `Rejection` as `verify_proofs` does, for all but the signature."""
    presented = expected.purpose is ProofPurpose.AUTHENTICATION
    if proof.purpose != expected.purpose:
        raise Rejection(_bad_key(expected.purpose), "The proof was made for another purpose.")
    if expected.challenge is not None and proof.challenge != expected.challenge:
        raise Rejection(ReasonCode.WRONG_AUDIENCE, "The proof does not answer this question.")
    if expected.domains and not set(expected.domains) & set(proof.domains):
        raise Rejection(ReasonCode.WRONG_AUDIENCE, "The proof was made for somebody else.")
    if proof.created is not None and proof.created > expected.now + expected.clock_tolerance:
        code = ReasonCode.CLOCK_SKEW if presented else ReasonCode.NOT_YET_VALID
        raise Rejection(code, "The proof says that it was made in the future.")
    if proof.expires is not None and expected.now >= proof.expires:
        code = ReasonCode.EXPIRED_PRESENTATION if presented else ReasonCode.EXPIRED_CREDENTIAL
        raise Rejection(code, "The proof has expired.")


def sign_document(
    document: Mapping[str, Any],
    *,
    cryptosuite: Cryptosuite,
    signer: Signer,
    verification_method: str,
    purpose: ProofPurpose,
    created: int | None,
    options: Mapping[str, Any] | None = None,
    own_terms: bool = False,
) -> dict[str, Any]:
    """The document with one more proof, made with the signer's key, whose DID URL is `verification_method`.

    `created` is in seconds since 1970 or None. `options` are further members of the proof: `id`, `expires`,
    `challenge`, `domain`, `nonce`, `previousProof`. Raises `Rejection` where the document can't be signed as a whole,
    and `ValueError` where the suite does not take the signer's key.
    """
    algorithm = signer.public_key.algorithm
    if algorithm not in cryptosuite.algorithms:
        raise ValueError("the cryptosuite is for keys of another kind")
    configuration: dict[str, Any] = {"type": "DataIntegrityProof", "cryptosuite": str(cryptosuite)}
    if created is not None:
        configuration["created"] = datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    configuration |= {"verificationMethod": verification_method, "proofPurpose": str(purpose), **(options or {})}
    if cryptosuite.canonicalizes_json and "@context" in document:
        configuration["@context"] = document["@context"]
    present = document.get("proof", [])
    present = list(present) if isinstance(present, list) else [present]
    given = ProofInput(_secured_part(document, present, _previous(configuration)), configuration, own_terms)
    signature = signer.sign(message_to_sign(given, cryptosuite, algorithm))
    proof = {**configuration, "proofValue": multibase_encode(signature)}
    return {**document, "proof": [*present, proof] if present else proof}


def _verify_signature(
    given: ProofInput, proof: UnverifiedProof, keys: Mapping[str, PublicKey], purpose: ProofPurpose
) -> None:
    key = keys.get(proof.verification_method)
    if key is None or key.algorithm not in proof.cryptosuite.algorithms:
        raise Rejection(_bad_key(purpose), "The proof names a key that may not make it.")
    try:
        key.verify(proof.signature, message_to_sign(given, proof.cryptosuite, key.algorithm))
    except SignatureInvalid as cause:
        raise Rejection(_bad_key(purpose), "The document was changed, or not signed with the key named.") from cause


def _secured_part(
    document: Mapping[str, Any], present: Sequence[Mapping[str, Any]], previous: Collection[str]
) -> dict[str, Any]:
    """The document that a proof signs: without proofs, but with those that it builds on (section 4.4)."""
    secured = {name: value for name, value in document.items() if name != "proof"}
    if previous:
        secured["proof"] = [each for each in present if each.get("id") in previous]
        if len(secured["proof"]) != len(set(previous)):
            raise _malformed("The document's proofs name each other wrongly.")
    return secured


def _check_chain(proofs: Sequence[UnverifiedProof]) -> None:
    ids = [proof.id for proof in proofs if proof.id is not None]
    if len(set(ids)) != len(ids) or any(set(proof.previous) - set(ids) for proof in proofs):
        raise _malformed("The document's proofs name each other wrongly.")


def _parse_proof(value: Any) -> UnverifiedProof:
    if not isinstance(value, dict):
        raise _malformed("The document has no proof.")
    suite, method = value.get("cryptosuite"), value.get("verificationMethod")
    cryptosuite = _SUITES.get(suite) if isinstance(suite, str) else None
    if cryptosuite is None or value.get("type") != "DataIntegrityProof":
        raise _malformed("The document has a proof of a kind that we do not know.")
    if not is_verification_method(method):
        raise _malformed("The proof does not name a key of a DID.")
    if not isinstance(value.get("proofPurpose"), str):
        raise _malformed("The proof does not say what it is for.")
    if "id" in value and not is_url(value["id"]):
        raise _malformed("An id is not one absolute URL.")
    domains = value.get("domain", [])
    return UnverifiedProof(
        {name: member for name, member in value.items() if name != "proofValue"},
        cryptosuite,
        method,
        value["proofPurpose"],
        _parse_proof_value(value.get("proofValue")),
        created=parse_datetime(value["created"])[0] if "created" in value else None,
        expires=parse_datetime(value["expires"])[0] if "expires" in value else None,
        challenge=_parse_text(value["challenge"]) if "challenge" in value else None,
        domains=tuple(_parse_text(each) for each in (domains if isinstance(domains, list) else [domains])),
        id=value.get("id"),
        previous=_previous(value),
    )


def _parse_proof_value(value: Any) -> bytes:
    try:
        return multibase_decode(value) if isinstance(value, str) else b""
    except MultibaseError as cause:
        raise _malformed("The proof has no value that can be read.") from cause


def _parse_text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
        raise _malformed("A text in the proof is missing or too long.")
    return value


def _previous(proof: Mapping[str, Any]) -> tuple[str, ...]:
    previous = proof.get("previousProof", [])
    listed = previous if isinstance(previous, list) else [previous]
    if not all(is_url(each) for each in listed) or len(listed) > MAX_PROOFS:
        raise _malformed("The document's proofs name each other wrongly.")
    return tuple(listed)


def _bad_key(purpose: ProofPurpose) -> ReasonCode:
    return ReasonCode.HOLDER_KEY if purpose is ProofPurpose.AUTHENTICATION else ReasonCode.BAD_SIGNATURE


def _malformed(message: str) -> Rejection:
    return Rejection(ReasonCode.MALFORMED, message)
