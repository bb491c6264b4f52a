"""An entry of a log with the proof that it is under an anchored root, as it goes from hand to hand.

It proves nothing by itself: the anchor's root and size are read from the chain, or given by who checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vc_core.encoding import base64url_decode, base64url_encode
from vc_core.errors import LedgerError
from vc_core.ledger.anchors import verify_anchor_chain
from vc_core.ledger.events import Anchored
from vc_core.ledger.merkle import InclusionProof, VerifiedInclusion, parse_inclusion_proof, verify_inclusion


@dataclass(frozen=True)
class ProvenEntry:
    """An entry with the proof that it is under anchor number `index` of the log of this public name."""

    log: str
    chain_id: int
    contract: str
    index: int
    entry: bytes
    proof: InclusionProof

    def to_json(self) -> dict[str, Any]:
        """The proof as a JSON object; `parse_proven_entry` reads it again."""
        return {
            "log": self.log,
            "chain_id": self.chain_id,
            "anchors": self.contract,
            "anchor_index": self.index,
            "entry": base64url_encode(self.entry),
            "inclusion_proof": self.proof.to_json(),
        }

    def verify(self, anchors: Sequence[Anchored]) -> tuple[Anchored, VerifiedInclusion]:
        """Checks the entry against the log's anchors on the chain. Raises `LedgerError` where it is not proven."""
        if not 0 < self.index <= len(anchors):
            raise LedgerError("the chain has no such anchor of this log")
        verify_anchor_chain(anchors)
        anchored = anchors[self.index - 1]
        root = bytes.fromhex(anchored.root)
        return anchored, verify_inclusion(self.entry, self.proof, root=root, size=anchored.size)


def parse_proven_entry(value: Mapping[str, Any]) -> ProvenEntry:
    """The reverse of `ProvenEntry.to_json`. Raises `ValueError` where a member is missing or wrong."""
    texts, numbers = ("log", "anchors", "entry"), ("chain_id", "anchor_index")
    if not all(isinstance(value.get(name), str) for name in texts):
        raise ValueError("a text of the proof is missing")
    if not all(type(value.get(name)) is int for name in numbers) or not isinstance(value.get("inclusion_proof"), dict):
        raise ValueError("a member of the proof is missing")
    proof = parse_inclusion_proof(value["inclusion_proof"])
    entry = base64url_decode(value["entry"])
    return ProvenEntry(value["log"], value["chain_id"], value["anchors"], value["anchor_index"], entry, proof)
