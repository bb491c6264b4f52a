"""JSON-LD documents with a proof, made after some edits and changed by others.

What a fault changes before signing is signed with it. What we would refuse to sign gets the proof of the good document:
it must be refused for what it says before anyone looks at the signature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.faults import Edit, edited
from tests.support.verification import STRANGER
from vc_core.crypto.keys import PublicKey, Signer
from vc_core.did.key import create_did_key
from vc_core.errors import Rejection
from vc_core.formats.data_integrity import Cryptosuite, ProofPurpose, sign_document

CREATED = "2026-09-21T14:13:10Z"
STRANGER_DID = create_did_key(STRANGER.public_key)


def method_of(key: PublicKey) -> str:
    """The key as the DID URL of its did:key."""
    did = create_did_key(key)
    return f"{did}#{did.removeprefix('did:key:')}"


@dataclass(frozen=True)
class Signed:
    """A good document, by whom it is signed and how."""

    document: Mapping[str, Any]
    cryptosuite: Cryptosuite
    signer: Signer
    verification_method: str
    purpose: ProofPurpose = ProofPurpose.ASSERTION_METHOD
    options: Mapping[str, Any] = field(default_factory=dict)

    def forge(self, edits: Sequence[Edit], at: Sequence[str] = ()) -> dict[str, Any]:
        """The document after the edits below `at`: `document/…` and `options/…` before signing, `signed/…` after it.

        `options/signer` is whose key signs in place of the good one. Names: `$proof` and `$value` are of the good
        document, `$other_proof` and `$other_value` of another one, `$stranger` and `$stranger_method` somebody else.
        """
        good = self._sign(self.document, self.options)
        names = self._names(good["proof"])
        unsigned = edited(self.document, edits, [*at, "document"], names)
        try:
            signed = self._sign(unsigned, edited(self.options, edits, [*at, "options"], names))
        except Rejection:
            signed = {**unsigned, "proof": good["proof"]}
        forged: dict[str, Any] = edited(signed, edits, [*at, "signed"], names)
        return forged

    def _names(self, proof: Mapping[str, Any]) -> dict[str, Any]:
        other = self._sign({**self.document, "id": "urn:uuid:11111111-2f43-4c0a-9a3c-3f2f3c8f1a10"}, self.options)
        return {
            "$proof": proof,
            "$value": proof["proofValue"],
            "$other_proof": other["proof"],
            "$other_value": other["proof"]["proofValue"],
            "$eleven_proofs": [proof] * 11,
            "$stranger": STRANGER_DID,
            "$stranger_method": method_of(STRANGER.public_key),
        }

    def _sign(self, document: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
        options: dict[str, Any] = {"created": CREATED, **changed}
        by_stranger = options.pop("signer", None) is not None
        return sign_document(
            document,
            cryptosuite=Cryptosuite.ECDSA_RDFC_2019 if by_stranger else self.cryptosuite,
            signer=STRANGER if by_stranger else self.signer,
            verification_method=self.verification_method,
            purpose=ProofPurpose(options.pop("proofPurpose", self.purpose)),
            created=None,
            options=options,
        )
