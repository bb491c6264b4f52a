"""Logs whose roots are anchored: entries in a file, one a line, and proofs that a stranger can check.

A proof file is JSON: the entry (base64url), its inclusion proof, and which anchor of which log on which chain it is
under. It proves nothing by itself: the anchor's root and size are read from the chain, or given by who checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vc_core.encoding import base64url_decode, base64url_encode
from vc_core.errors import InvalidRequest, LedgerError
from vc_core.ledger.anchors import NO_HEAD, verify_anchor_chain
from vc_core.ledger.events import Anchored, log_id
from vc_core.ledger.merkle import InclusionProof, MerkleTree, VerifiedInclusion, parse_inclusion_proof, verify_inclusion
from vc_core.ledger.registry_state import RegistryState


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
        """The proof file's content; `parse_proven_entry` reads it again."""
        return {
            "log": self.log,
            "chain_id": self.chain_id,
            "anchors": self.contract,
            "anchor_index": self.index,
            "entry": base64url_encode(self.entry),
            "inclusion_proof": self.proof.to_json(),
        }


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


def load_entries(path: Path) -> list[bytes]:
    """The entries in a file, one a line. Raises `InvalidRequest` where there are none."""
    try:
        entries = path.read_bytes().split(b"\n")
    except FileNotFoundError as cause:
        raise InvalidRequest(f"There is no file {path}.") from cause
    if entries and not entries[-1]:
        entries.pop()
    if not entries:
        raise InvalidRequest(f"The file {path} has no entries: it holds one a line.")
    return entries


def find_anchor(state: RegistryState, log: str, entries: Sequence[bytes]) -> tuple[Anchored, MerkleTree]:
    """The newest anchor that these entries, or the first of them, are under, with its tree.

    Raises `InvalidRequest` where none is: the file is another, or was changed since.
    """
    for anchored in reversed(state.anchors(log_id(log).hex())):
        if anchored.size <= len(entries):
            tree = MerkleTree(entries[: anchored.size])
            if tree.root.hex() == anchored.root:
                return anchored, tree
    raise InvalidRequest("These entries are not what was anchored, or nothing was anchored of this log.")


def newest_head(state: RegistryState, log: str) -> bytes:
    """The head (32 bytes) that the log's next root builds on."""
    anchors = state.anchors(log_id(log).hex())
    return bytes.fromhex(verify_anchor_chain(anchors).head) if anchors else NO_HEAD


def verify_against_chain(proven: ProvenEntry, state: RegistryState) -> tuple[Anchored, VerifiedInclusion]:
    """Checks an entry against the log's anchors on the chain. Raises `LedgerError` where it is not proven."""
    anchors = state.anchors(log_id(proven.log).hex())
    if not 0 < proven.index <= len(anchors):
        raise LedgerError("the chain has no such anchor of this log")
    verify_anchor_chain(anchors)
    anchored = anchors[proven.index - 1]
    root = bytes.fromhex(anchored.root)
    return anchored, verify_inclusion(proven.entry, proven.proof, root=root, size=anchored.size)
