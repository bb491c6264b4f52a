"""Logs whose roots are anchored: entries in a file, one a line. Proofs of them are `vc_core.ledger.proven_entry`'s."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vc_core.errors import InvalidRequest
from vc_core.ledger.anchors import NO_HEAD, verify_anchor_chain
from vc_core.ledger.events import Anchored, log_id
from vc_core.ledger.merkle import MerkleTree
from vc_core.ledger.registry_state import RegistryState


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
