"""The VC API's two questions, from the body to what was found.

Of a credential: 1. its form, 2. its proof, 3. its dates, 4. its status, 5. what the registry says of its issuer. Of a
presentation: its form, its holder's proof, and then each credential in it. The first failure is the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from vc_core.clock import Clock
from vc_core.credential_types import type_named
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.data_integrity import ProofPurpose, verify_presentation_document
from vc_core.formats.data_integrity.proof_keys import resolve_key
from vc_core.formats.legacy.credential import LegacyPresentation, parse_legacy_presentation
from vc_core.formats.vc_envelope import UnverifiedEnvelope
from vc_core.formats.vc_jwt import parse_enveloped_presentation, parse_vp_jwt
from vc_core.formats.vcdm import (
    CredentialDocument,
    PresentationDocument,
    parse_enveloped,
    parse_presentation_document,
)
from vc_core.ledger.events import Role
from vc_core.trust import TrustSource
from verifier.legacy.verification import verify_legacy_presentation
from verifier.vc_api.proofs import (
    CLOCK_TOLERANCE,
    JWT,
    ParsedCredential,
    ProofVerifier,
    ProvenCredential,
    check_means,
    has_legacy_proof,
    header_of,
    parse_contained,
    parse_secured_credential,
    types_of,
)
from verifier.vc_api.requests import VerifyOptions
from verifier.vc_api.statuses import CredentialStatuses

MAX_CREDENTIALS = 20
"""In one presentation."""
TIME_LIMIT = 20.0
"""Seconds for one request, however many web sites it has us ask."""
Result = TypeVar("Result")


@dataclass(frozen=True)
class CheckedCredential:
    """A credential that counts, as far as its issuer's word goes.

    `registered`: whether our registry has the issuer, `name` under which name, `accredited_for` for which of the
    credential's types.
    """

    document: Mapping[str, Any]
    issuer: str
    securing: tuple[str, ...]
    status: Literal["valid", "none", "not_checked"]
    registered: bool
    name: str | None
    accredited_for: tuple[str, ...]


@dataclass(frozen=True)
class CheckedPresentation:
    """A presentation whose credentials all count. `holder` is who signed it, None where nobody did."""

    document: Mapping[str, Any]
    holder: str | None
    securing: tuple[str, ...]
    credentials: tuple[CheckedCredential, ...]


class VcApiService:
    """Verifies credentials and presentations of anybody."""

    def __init__(self, proofs: ProofVerifier, statuses: CredentialStatuses, trust: TrustSource, clock: Clock) -> None:
        self._proofs = proofs
        self._statuses = statuses
        self._trust = trust
        self._clock = clock

    async def verify_credential(self, secured: Any, options: VerifyOptions) -> CheckedCredential:
        """What was found of a credential; raises `Rejection` for the first thing that is wrong with it."""
        return await _in_time(self._credential(parse_secured_credential(secured), options, self._clock()))

    async def verify_presentation(self, secured: Any, options: VerifyOptions) -> CheckedPresentation:
        """The same of a presentation and all credentials in it."""
        return await _in_time(self._presentation(_parse_presentation(secured), options, self._clock()))

    async def _credential(self, credential: ParsedCredential, options: VerifyOptions, now: int) -> CheckedCredential:
        proven = await self._proofs.verify(credential, options=options, now=now)
        status: Literal["valid", "none", "not_checked"] = "not_checked"
        if options.checks_status:
            status = "valid" if await self._statuses.check(proven, now=now) else "none"
        registered = all(method.startswith("did:ethr:") for method in proven.verification_methods)
        name = self._trust.name(proven.issuer) if registered else None
        return CheckedCredential(
            proven.document, proven.issuer, proven.securing, status, registered, name, self._accredited_for(proven, now)
        )

    async def _presentation(
        self,
        presentation: PresentationDocument | UnverifiedEnvelope | LegacyPresentation,
        options: VerifyOptions,
        now: int,
    ) -> CheckedPresentation:
        if isinstance(presentation, LegacyPresentation):
            proven = await self._legacy_holder(presentation, options, now)
            credentials: Sequence[ParsedCredential] = presentation.credentials
        elif isinstance(presentation, UnverifiedEnvelope):
            proven = await self._enveloped_holder(presentation, options, now)
            credentials = presentation.credentials
        else:
            proven = await self._holder(presentation, options, now)
            # What has no proof of its own is the holder's word: the presentation's proof covers it.
            secured = [each for each in presentation.credentials if not _is_unsecured(each)]
            if len(secured) < len(presentation.credentials) and proven.holder is None:
                raise Rejection(ReasonCode.BAD_SIGNATURE, "A credential in the presentation is not signed by anybody.")
            credentials = [parse_contained(each) for each in secured]
        if len(credentials) > MAX_CREDENTIALS:
            raise Rejection(ReasonCode.TOO_LARGE, "The presentation holds too many credentials.")
        unasked = VerifyOptions(checks_status=options.checks_status)  # challenge, suite and key were the holder's
        checked = [await self._credential(each, unasked, now) for each in credentials]
        return CheckedPresentation(proven.document, proven.holder, proven.securing, tuple(checked))

    async def _holder(
        self, presentation: PresentationDocument, options: VerifyOptions, now: int
    ) -> CheckedPresentation:
        """A Data Integrity proof, or none where nothing is expected of it."""
        if "proof" not in presentation.document:
            if options.expects_a_proof:
                raise Rejection(ReasonCode.HOLDER_KEY, "The presentation is not signed by anybody.")
            if not presentation.credentials:
                raise Rejection(ReasonCode.MALFORMED, "The presentation has neither a proof nor a credential.")
            return CheckedPresentation(presentation.document, None, (), ())
        proofs = await verify_presentation_document(
            presentation,
            self._proofs.resolver,
            now=now,
            expected_challenge=options.challenge,
            expected_domains=() if options.domain is None else (options.domain,),
            own_terms=True,
        )
        methods = tuple(proof.verification_method for proof in proofs)
        self._proofs.check_registry(methods, now)
        suites = tuple(str(proof.cryptosuite) for proof in proofs)
        _check_holder_means(suites, methods, options)
        return CheckedPresentation(presentation.document, presentation.holder or proofs[0].controller, suites, ())

    async def _enveloped_holder(
        self, envelope: UnverifiedEnvelope, options: VerifyOptions, now: int
    ) -> CheckedPresentation:
        key = await resolve_key(
            envelope.verification_method, self._proofs.resolver, purpose=ProofPurpose.AUTHENTICATION
        )
        envelope.verify(key, now=now, clock_tolerance=CLOCK_TOLERANCE)
        envelope.check_answer(
            expected_audience=options.domain or next(iter(envelope.audience), None),
            expected_nonce=options.challenge or envelope.nonce,
        )
        self._proofs.check_registry([envelope.verification_method], now)
        _check_holder_means((str(envelope.kind),), (envelope.verification_method,), options)
        return CheckedPresentation(envelope.document.document, envelope.signer, (str(envelope.kind),), ())

    async def _legacy_holder(
        self, presentation: LegacyPresentation, options: VerifyOptions, now: int
    ) -> CheckedPresentation:
        proof = presentation.proof
        await verify_legacy_presentation(
            presentation,
            didkit=self._proofs.didkit,
            now=now,
            expected_challenge=options.challenge or proof.challenge,
            expected_domain=options.domain or proof.domain,
        )
        securing = (f"VCDM 1.1 {proof.securing}",)
        _check_holder_means(securing, (proof.verification_method,), options)
        return CheckedPresentation(presentation.document, presentation.holder, securing, ())

    def _accredited_for(self, credential: ProvenCredential, now: int) -> tuple[str, ...]:
        """For which of the credential's types the issuer is accredited."""
        found = []
        for name in types_of(credential.document):
            credential_type = type_named(name) if isinstance(name, str) else None
            if credential_type is not None:
                try:
                    self._trust.accreditation(credential.issuer, Role.ISSUE, credential_type.vct, at=now)
                except Rejection:
                    continue
                found.append(credential_type.name)
        return tuple(found)


def _parse_presentation(secured: Any) -> PresentationDocument | UnverifiedEnvelope | LegacyPresentation:
    """A presentation in whichever form it came. Raises `Rejection`."""
    if isinstance(secured, str):
        return _parse_text(secured)
    if "EnvelopedVerifiablePresentation" in types_of(secured):
        enveloped = parse_enveloped(secured, "EnvelopedVerifiablePresentation")
        return _parse_text(enveloped.content) if enveloped.media_type == JWT else parse_enveloped_presentation(secured)
    return parse_legacy_presentation(secured) if has_legacy_proof(secured) else parse_presentation_document(secured)


def _parse_text(text: str) -> UnverifiedEnvelope | LegacyPresentation:
    return parse_legacy_presentation(text) if header_of(text).get("alg") == "ES256K" else parse_vp_jwt(text)


def _is_unsecured(contained: Any) -> bool:
    return isinstance(contained, CredentialDocument) and "proof" not in contained.document


def _check_holder_means(securing: tuple[str, ...], methods: tuple[str, ...], options: VerifyOptions) -> None:
    """As `check_means`, for what the holder signed with."""
    try:
        if options.proof_purpose not in (None, ProofPurpose.AUTHENTICATION):
            raise Rejection(ReasonCode.HOLDER_KEY, "The proof was made for another purpose.")
        check_means(securing, methods, options)
    except Rejection as cause:
        raise Rejection(ReasonCode.HOLDER_KEY, cause.message) from cause


async def _in_time(work: Awaitable[Result]) -> Result:
    try:
        async with asyncio.timeout(TIME_LIMIT):
            return await work
    except TimeoutError as cause:
        raise Rejection(ReasonCode.STATUS_UNAVAILABLE, "What it refers to did not answer in time.") from cause
