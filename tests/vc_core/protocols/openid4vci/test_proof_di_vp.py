"""Proofs of a key as a presentation with a Data Integrity proof."""

from __future__ import annotations

from typing import Any

import pytest

from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.did.holder import create_holder_did, create_holder_method
from vc_core.errors import ProtocolError
from vc_core.formats.data_integrity import Cryptosuite, ProofPurpose, sign_document
from vc_core.protocols.openid4vci.proof_di_vp import CRYPTOSUITES, create_proof_di_vp, verify_proof_di_vp
from vc_core.protocols.openid4vci.proof_jwt import PROOF_WINDOW_SECONDS, VerifiedProof

ISSUER = "https://issuer.test"
NOW = 1_790_000_000
HOLDER, OTHER = P256Signer.generate(), P256Signer.generate()
DID = create_holder_did(HOLDER.public_key, "did:key")
V2 = "https://www.w3.org/ns/credentials/v2"


def proof(document: dict[str, Any] | None = None, options: dict[str, Any] | None = None, **changes: Any) -> Any:
    """A proof by HOLDER with some of the document, of the proof's members or of how it is signed changed."""
    full = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": DID} | (document or {})
    members = {"domain": ISSUER, "challenge": "n"} | (options or {})
    terms: dict[str, Any] = {
        "cryptosuite": Cryptosuite.ECDSA_RDFC_2019,
        "signer": HOLDER,
        "verification_method": create_holder_method(HOLDER.public_key, "did:key"),
        "purpose": ProofPurpose.AUTHENTICATION,
        "created": NOW,
    } | changes
    full, members = [{name: each for name, each in part.items() if each is not None} for part in (full, members)]
    return sign_document(full, options=members, **terms)


def verify(value: Any, now: int = NOW) -> VerifiedProof:
    return verify_proof_di_vp(value, expected_audience=ISSUER, now=now)


@pytest.mark.parametrize("cryptosuite", CRYPTOSUITES)
@pytest.mark.parametrize("did_method", ["did:key", "did:jwk"])
def test_a_good_proof_gives_the_key_its_name_and_the_nonce(cryptosuite: Cryptosuite, did_method: str) -> None:
    made = create_proof_di_vp(
        HOLDER, audience=ISSUER, nonce="n", issued_at=NOW, did_method=did_method, cryptosuite=cryptosuite
    )
    expected = VerifiedProof(HOLDER.public_key, "n", create_holder_did(HOLDER.public_key, did_method))
    assert verify(made, NOW + PROOF_WINDOW_SECONDS) == verify(made, NOW - PROOF_WINDOW_SECONDS) == expected


def test_what_may_be_left_out_and_the_older_model() -> None:
    contexts = ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/data-integrity/v2"]
    for good in (proof({"holder": None}), proof(created=None), proof({"@context": contexts}), proof({"id": "urn:x:1"})):
        assert verify(good).holder_key == HOLDER.public_key


def changed(**members: Any) -> Any:
    """A good proof, of whose proof members were changed afterwards."""
    made = proof()
    return made | {"proof": made["proof"] | members}


ED25519 = Ed25519Signer.generate()


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"@context": [V2], "type": ["VerifiablePresentation"]},
        proof() | {"type": ["VerifiableCredential"]},
        proof({"holder": create_holder_did(OTHER.public_key, "did:key")}),
        proof({"holder": create_holder_did(HOLDER.public_key, "did:jwk")}),
        proof() | {"verifiableCredential": ["x"]},
        proof(options={"domain": None}),
        proof(options={"domain": "https://other.test"}),
        proof(options={"domain": [ISSUER, "https://other.test"]}),
        proof(options={"challenge": None}),
        changed(challenge=""),
        changed(challenge="x" * 3000),
        proof(options={"expires": "2020-01-01T00:00:00Z"}),
        proof(purpose=ProofPurpose.ASSERTION_METHOD),
        proof(created=NOW - PROOF_WINDOW_SECONDS - 1),
        proof(created=NOW + PROOF_WINDOW_SECONDS + 1),
        proof(signer=OTHER),
        proof(verification_method="did:example:1#a"),
        proof(verification_method=DID + "#other"),
        proof(
            {"holder": None},
            signer=ED25519,
            verification_method=create_holder_method(ED25519.public_key, "did:key"),
            cryptosuite=Cryptosuite.EDDSA_RDFC_2022,
        ),
        changed(challenge="m"),
        changed(domain="https://other.test"),
        changed(proofValue="z111"),
        changed(cryptosuite="none"),
        changed(cryptosuite="ecdsa-jcs-2019"),
        changed(proofPurpose="assertionMethod"),
        proof() | {"proof": [proof()["proof"], proof()["proof"]]},
        proof() | {"proof": []},
        proof() | {"@context": ["https://evil.test/context"]},
        proof() | {"@context": [V2, {"@vocab": "https://evil.test/"}]},
        proof() | {"undefined": 1},
    ],
)
def test_bad_proofs(value: Any) -> None:
    with pytest.raises(ProtocolError) as refused:
        verify(value)
    assert refused.value.code == "invalid_proof"
