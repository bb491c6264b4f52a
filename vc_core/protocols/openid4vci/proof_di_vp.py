"""The proof type `di_vp` (appendix F.2): a presentation without credentials that a wallet's key signed as JSON-LD.

The issuer's identifier is the proof's `domain`, the `c_nonce` its `challenge`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vc_core.crypto.keys import Algorithm, KeyFormatError, Signer
from vc_core.did.holder import create_holder_did, holder_method, parse_holder_method
from vc_core.errors import ProtocolError, Rejection
from vc_core.formats.data_integrity import Cryptosuite, Expectations, ProofPurpose, parse_proofs, verify_proofs
from vc_core.formats.data_integrity.proofs import UnverifiedProof, sign_document
from vc_core.formats.vcdm import CREDENTIALS_V2, parse_presentation_document
from vc_core.protocols.openid4vci.proof_jwt import PROOF_WINDOW_SECONDS, VerifiedProof
from vc_core.protocols.text import is_text

CRYPTOSUITES = (Cryptosuite.ECDSA_RDFC_2019, Cryptosuite.ECDSA_JCS_2019)
"""Those for P-256 keys."""


def create_proof_di_vp(
    signer: Signer,
    *,
    audience: str,
    nonce: str | None,
    issued_at: int,
    did_method: str = "did:key",
    cryptosuite: Cryptosuite = Cryptosuite.ECDSA_RDFC_2019,
) -> dict[str, Any]:
    """A proof that the wallet holds the signer's key, named by a did:key or did:jwk."""
    did = create_holder_did(signer.public_key, did_method)
    return sign_document(
        {"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"], "holder": did},
        cryptosuite=cryptosuite,
        signer=signer,
        verification_method=holder_method(did),
        purpose=ProofPurpose.AUTHENTICATION,
        created=issued_at,
        options={"domain": audience} | ({} if nonce is None else {"challenge": nonce}),
    )


def verify_proof_di_vp(value: Mapping[str, Any], *, expected_audience: str, now: int) -> VerifiedProof:
    """The holder's key, the DID by which they name it, and the nonce. Raises `ProtocolError` `invalid_proof`.

    There is one proof, by a P-256 key. Members that no known context defines are refused, though the specification
    would have them ignored: what is signed as JSON-LD must all mean something.
    """
    try:
        presentation = parse_presentation_document(value)
        proof = _one_proof(value)
        holder = parse_holder_method(proof.verification_method)
        expected = Expectations(
            ProofPurpose.AUTHENTICATION,
            now,
            challenge=proof.challenge,
            domains=(expected_audience,),
            clock_tolerance=PROOF_WINDOW_SECONDS,
        )
        verify_proofs(value, [proof], keys={proof.verification_method: holder.key}, expected=expected)
    except (Rejection, KeyFormatError) as cause:
        raise _bad_proof("The presentation is not one that its own key signed for this issuer.") from cause
    if holder.key.algorithm is not Algorithm.ES256 or presentation.credentials:
        raise _bad_proof("The presentation holds credentials, or is not by a P-256 key.")
    if presentation.holder not in (None, holder.did) or proof.domains != (expected_audience,):
        raise _bad_proof("The presentation names another holder or another issuer too.")
    if proof.created is not None and now - proof.created > PROOF_WINDOW_SECONDS:
        raise _bad_proof("The presentation's time is too far from ours.")
    return VerifiedProof(holder.key, str(proof.challenge), holder.did)


def _one_proof(document: Mapping[str, Any]) -> UnverifiedProof:
    proofs = parse_proofs(document)
    if len(proofs) != 1 or proofs[0].cryptosuite not in CRYPTOSUITES:
        raise _bad_proof("There is more than one proof, or one of another cryptosuite.")
    if not is_text(proofs[0].challenge):
        raise _bad_proof("The proof has no nonce.")
    return proofs[0]


def _bad_proof(message: str) -> ProtocolError:
    return ProtocolError("invalid_proof", message)
