"""Credentials and presentations as a whole: their proofs, and that these are by who the document says they are."""

from __future__ import annotations

from collections.abc import Collection

from vc_core.did.resolver import DidResolver
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.data_integrity.proof_keys import resolve_proof_keys
from vc_core.formats.data_integrity.proofs import (
    Expectations,
    ProofPurpose,
    UnverifiedProof,
    parse_proofs,
    verify_proofs,
)
from vc_core.formats.vcdm import CredentialDocument, PresentationDocument


async def verify_credential_document(
    credential: CredentialDocument, resolver: DidResolver, *, now: int, own_terms: bool = False
) -> tuple[UnverifiedProof, ...]:
    """The proofs of a credential, all of which hold; at least one of them is by the issuer.

    Raises `Rejection` as `verify_proofs` and `resolve_proof_keys` do, and `BAD_SIGNATURE` where no proof is by the
    issuer. The validity period and the status are still to be checked.
    """
    expected = Expectations(ProofPurpose.ASSERTION_METHOD, now)
    proofs = parse_proofs(credential.document)
    keys = await resolve_proof_keys(proofs, resolver, purpose=expected.purpose)
    verify_proofs(credential.document, proofs, keys=keys, expected=expected, own_terms=own_terms)
    if credential.issuer not in {proof.controller for proof in proofs}:
        raise Rejection(ReasonCode.BAD_SIGNATURE, "The credential is not signed by the issuer that it names.")
    return proofs


async def verify_presentation_document(
    presentation: PresentationDocument,
    resolver: DidResolver,
    *,
    now: int,
    expected_challenge: str | None,
    expected_domains: Collection[str],
    own_terms: bool = False,
) -> tuple[UnverifiedProof, ...]:
    """The proofs of a presentation, all of which hold, for authentication; one is the holder's where it names one.

    A challenge of None and no domains mean that the presentation was not asked for, and may be anybody's from any time.
    Raises `Rejection` as `verify_proofs` and `resolve_proof_keys` do. The credentials within are still to be verified.
    """
    expected = Expectations(ProofPurpose.AUTHENTICATION, now, expected_challenge, expected_domains)
    proofs = parse_proofs(presentation.document)
    keys = await resolve_proof_keys(proofs, resolver, purpose=expected.purpose)
    verify_proofs(presentation.document, proofs, keys=keys, expected=expected, own_terms=own_terms)
    if presentation.holder is not None and presentation.holder not in {proof.controller for proof in proofs}:
        raise Rejection(ReasonCode.HOLDER_KEY, "The presentation is not signed by the holder that it names.")
    return proofs
