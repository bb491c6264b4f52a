"""The keys that proofs name, from the DID documents of whoever they are said to be by."""

from __future__ import annotations

from collections.abc import Iterable

from vc_core.crypto.keys import PublicKey
from vc_core.did.resolver import DidResolver
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.data_integrity.proofs import ProofPurpose, UnverifiedProof


async def resolve_proof_keys(
    proofs: Iterable[UnverifiedProof], resolver: DidResolver, *, purpose: ProofPurpose
) -> dict[str, PublicKey]:
    """The keys of all the proofs, by verification method, for `verify_proofs`.

    Raises `Rejection`: `UNKNOWN_ISSUER` where a DID has no document or was deactivated, `BAD_SIGNATURE` for a
    credential or `HOLDER_KEY` for a presentation where the document has no such key in the purpose's relationship.
    """
    methods = {proof.verification_method for proof in proofs}
    return {method: await resolve_key(method, resolver, purpose=purpose) for method in sorted(methods)}


async def resolve_key(verification_method: str, resolver: DidResolver, *, purpose: ProofPurpose) -> PublicKey:
    """One key by its DID URL, from the DID's document as it is now. Raises `Rejection` as `resolve_proof_keys` does."""
    document = (await resolver.resolve(verification_method.partition("#")[0])).document
    if document is None or document.deactivated:
        raise Rejection(ReasonCode.UNKNOWN_ISSUER, "Who signed this can't be found.")
    presented = purpose is ProofPurpose.AUTHENTICATION
    related = document.authentication if presented else document.assertion_method
    for method in document.verification_methods:
        if method.id == verification_method in related and method.public_key is not None:
            return method.public_key
    code = ReasonCode.HOLDER_KEY if presented else ReasonCode.BAD_SIGNATURE
    raise Rejection(code, "Who signed this has no such key for that purpose.")
