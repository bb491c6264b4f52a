"""The proof and the dates of any credential: Data Integrity, a JWT of either version of the model, or a legacy proof.

Keys are looked up by the DID that the proof names, and the issuer must be that DID. Of a DID on our ledger the registry
has a say as well: a key that was killed counts for nothing, and neither does a registry that was not read for a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from vc_core.did.resolver import DidResolver
from vc_core.encoding import EncodingError, base64url_decode, parse_json_object
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import StatusReference
from vc_core.formats.data_integrity import ProofPurpose, verify_credential_document
from vc_core.formats.data_integrity.proof_keys import resolve_key
from vc_core.formats.data_integrity.proofs import UnverifiedProof
from vc_core.formats.legacy.credential import PROOF_TYPES, LegacyCredential, parse_legacy_credential
from vc_core.formats.vc_envelope import UnverifiedEnvelope
from vc_core.formats.vc_jwt import parse_enveloped_credential, parse_vc_jwt
from vc_core.formats.vcdm import CredentialDocument, EnvelopedDocument, parse_credential_document, parse_enveloped
from vc_core.trust import TrustSource
from verifier.legacy.process import DidkitProcess
from verifier.legacy.verification import verify_legacy_credential
from verifier.vc_api.requests import VerifyOptions

CLOCK_TOLERANCE = 30
MAX_TRUST_AGE = 24 * 3600
JWT = "application/jwt"
"""A media type by which some envelopes hold a JWT of any kind; its header says which."""
ParsedCredential: TypeAlias = CredentialDocument | UnverifiedEnvelope | LegacyCredential


@dataclass(frozen=True)
class ProvenCredential:
    """A credential that its issuer signed and that is in force; whether it was withdrawn is still to be asked.

    `securing` names the cryptosuites, formats or legacy proof types. `token_status` is the JWT's own `status` claim.
    """

    document: Mapping[str, Any]
    issuer: str
    verification_methods: tuple[str, ...]
    securing: tuple[str, ...]
    token_status: StatusReference | None = None


def parse_secured_credential(secured: Any) -> ParsedCredential:
    """A credential in whichever form it came, by what it says of itself. Raises `Rejection`."""
    if isinstance(secured, str):
        return _parse_text(secured)
    if not isinstance(secured, dict):
        raise Rejection(ReasonCode.MALFORMED, "A credential is an object or text.")
    if "EnvelopedVerifiableCredential" in types_of(secured):
        enveloped = parse_enveloped(secured, "EnvelopedVerifiableCredential")
        return _parse_text(enveloped.content) if enveloped.media_type == JWT else parse_enveloped_credential(secured)
    if has_legacy_proof(secured):
        return parse_legacy_credential(secured)
    return parse_credential_document(secured)


def parse_contained(contained: CredentialDocument | EnvelopedDocument | str) -> ParsedCredential:
    """A credential as `parse_presentation_document` found it. Raises `Rejection`."""
    if isinstance(contained, EnvelopedDocument):
        # The envelope's own form was checked already.
        return _parse_text(contained.content)
    if isinstance(contained, CredentialDocument) and not has_legacy_proof(contained.document):
        return contained
    return parse_secured_credential(contained if isinstance(contained, str) else contained.document)


def has_legacy_proof(document: Mapping[str, Any]) -> bool:
    """Whether the proof is of a kind that only didkit knows."""
    proof = document.get("proof")
    return isinstance(proof, dict) and proof.get("type") in PROOF_TYPES


def types_of(document: Mapping[str, Any]) -> list[Any]:
    """`type`, which may be one or several."""
    value = document.get("type")
    return value if isinstance(value, list) else [value]


def header_of(text: str) -> Mapping[str, Any]:
    """The header of a JWT or SD-JWT, to tell which kind it is; no more is read of it. Raises `Rejection`."""
    try:
        return parse_json_object(base64url_decode(text[:8192].partition(".")[0]))
    except EncodingError as cause:
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This text is not a JWT.") from cause


def _parse_text(text: str) -> UnverifiedEnvelope | LegacyCredential:
    if header_of(text).get("alg") == "ES256K":  # which we have no verification of
        return parse_legacy_credential(text)
    return parse_vc_jwt(text)


class ProofVerifier:
    """Verifies proofs and dates, at any issuer's word."""

    def __init__(self, resolver: DidResolver, trust: TrustSource, didkit: DidkitProcess) -> None:
        self.resolver = resolver
        self.didkit = didkit
        self._trust = trust

    async def verify(self, credential: ParsedCredential, *, options: VerifyOptions, now: int) -> ProvenCredential:
        """The credential with what was found; raises `Rejection`."""
        if isinstance(credential, LegacyCredential):
            proven = await self._legacy(credential, now)
        elif isinstance(credential, UnverifiedEnvelope):
            proven = await self._enveloped(credential, now)
        else:
            proven = await self._data_integrity(credential, options, now)
        if options.proof_purpose not in (None, ProofPurpose.ASSERTION_METHOD):
            raise Rejection(ReasonCode.BAD_SIGNATURE, "The proof was made for another purpose.")
        check_means(proven.securing, proven.verification_methods, options)
        return proven

    async def verify_unasked(self, secured: Any, *, now: int) -> ProvenCredential:
        """The same for what nobody sent here: a status list."""
        return await self.verify(parse_secured_credential(secured), options=VerifyOptions(), now=now)

    def check_registry(self, verification_methods: Iterable[str], now: int) -> None:
        """Raises `Rejection` where the registry has one of these keys, of a DID of its own, no longer."""
        for method in verification_methods:
            if method.startswith("did:ethr:"):
                if now - self._trust.synced_at > MAX_TRUST_AGE:
                    raise Rejection(ReasonCode.STALE_TRUST, "What we know of the registry is too old to decide.")
                self._trust.verification_key(method, at=now)

    async def _data_integrity(
        self, credential: CredentialDocument, options: VerifyOptions, now: int
    ) -> ProvenCredential:
        proofs = await verify_credential_document(credential, self.resolver, now=now, own_terms=True)
        check_answer(proofs, options)
        credential.check_validity(now=now, clock_tolerance=CLOCK_TOLERANCE)
        methods = tuple(proof.verification_method for proof in proofs)
        self.check_registry(methods, now)
        suites = tuple(str(proof.cryptosuite) for proof in proofs)
        return ProvenCredential(credential.document, credential.issuer, methods, suites)

    async def _enveloped(self, envelope: UnverifiedEnvelope, now: int) -> ProvenCredential:
        key = await resolve_key(envelope.verification_method, self.resolver, purpose=ProofPurpose.ASSERTION_METHOD)
        envelope.verify(key, now=now, clock_tolerance=CLOCK_TOLERANCE)
        self.check_registry([envelope.verification_method], now)
        methods = (envelope.verification_method,)
        document = envelope.document.document
        return ProvenCredential(document, envelope.signer, methods, (str(envelope.kind),), envelope.status)

    async def _legacy(self, credential: LegacyCredential, now: int) -> ProvenCredential:
        await verify_legacy_credential(credential, didkit=self.didkit, now=now)
        methods = (credential.proof.verification_method,)
        return ProvenCredential(
            credential.document, credential.issuer, methods, (f"VCDM 1.1 {credential.proof.securing}",)
        )


def check_answer(proofs: Iterable[UnverifiedProof], options: VerifyOptions) -> None:
    """Returns when each proof answers the challenge and is for the domain, if any are expected. Raises `Rejection`."""
    for proof in proofs:
        if options.challenge is not None and proof.challenge != options.challenge:
            raise Rejection(ReasonCode.WRONG_AUDIENCE, "The proof does not answer this question.")
        if options.domain is not None and options.domain not in proof.domains:
            raise Rejection(ReasonCode.WRONG_AUDIENCE, "The proof was made for somebody else.")


def check_means(securing: Iterable[str], verification_methods: Iterable[str], options: VerifyOptions) -> None:
    """Returns when it is secured by the suite and the key that are expected, if any are. Raises `Rejection`."""
    if options.cryptosuite is not None and options.cryptosuite not in securing:
        raise Rejection(ReasonCode.BAD_SIGNATURE, "The proof is of another cryptosuite than the one expected.")
    if options.verification_method is not None and options.verification_method not in verification_methods:
        raise Rejection(ReasonCode.BAD_SIGNATURE, "The proof is by another key than the one expected.")
