"""Data Integrity (W3C VC Data Integrity 1.0): proofs within JSON documents, over their meaning or over their text.

    document ─▶ expansion (contexts, active_context) ─▶ canonical ─▶ cryptosuites ─▶ proofs
                every member means something, or no      bytes         64 or 96 bytes   signatures, purposes, times

To verify any credential, say in the VC API:

    credential = parse_credential_document(document)                   # vc_core.formats.vcdm: the data model
    await verify_credential_document(credential, resolver, now=now)    # here: its proofs, and one is its issuer's
    credential.check_validity(now=now, clock_tolerance=30)             # vcdm: its own period

To verify a presentation: `parse_presentation_document`, then `verify_presentation_document` with the challenge and
domain that it was asked for with, then each of `presentation.credentials` like any other credential; those without a
proof are the holder's own word, which the presentation's proof covers (see `parse_presentation_document`).

To sign: `sign_document`; verify what comes from outside against the data model first. All of them refuse contexts that
are not bundled, and members that no context defines, whatever the cryptosuite: `own_terms=True` lets a document's
`@context` hold objects that define new names for IRIs and nothing else, as issuers without a context of their own have
it. A status, if the credential has one, is for the caller to check.

Desks do not come here: they take credentials of our types only, as `vc_core.formats.ldp_vc` parses them.
"""

from vc_core.formats.data_integrity.cryptosuites import Cryptosuite
from vc_core.formats.data_integrity.documents import verify_credential_document, verify_presentation_document
from vc_core.formats.data_integrity.proofs import Expectations, ProofPurpose, parse_proofs, sign_document, verify_proofs

__all__ = [
    "Cryptosuite",
    "Expectations",
    "ProofPurpose",
    "parse_proofs",
    "sign_document",
    "verify_credential_document",
    "verify_presentation_document",
    "verify_proofs",
]
