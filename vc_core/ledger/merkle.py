"""Merkle trees as in RFC 6962: one root for many entries, and a short proof that an entry is among them.

A leaf's hash is SHA-256(0x00 ‖ entry), a node's SHA-256(0x01 ‖ left ‖ right): with different prefixes no node can be
passed off as an entry. A tree of n leaves has the largest power of two below n of them on its left side. Built from the
bottom, that is: hash neighbours in pairs, and take a last one without a neighbour up as it is.

Nothing here knows our ledger or our code: who has an entry, its proof and a root from the public chain needs SHA-256
and the few lines of `verify_inclusion` (RFC 9162, section 2.1.3.2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vc_core.errors import LedgerError

HASH_SIZE = 32
_LARGEST_SIZE = 2**64 - 1


@dataclass(frozen=True)
class InclusionProof:
    """That a leaf is at `index` (from 0) in a tree of `size` leaves: the hashes beside its way up, the lowest first."""

    index: int
    size: int
    path: tuple[bytes, ...]

    def to_json(self) -> dict[str, Any]:
        """The proof as a JSON object with the hashes in hex digits; `parse_inclusion_proof` reads it again."""
        return {"index": self.index, "size": self.size, "path": [step.hex() for step in self.path]}


@dataclass(frozen=True)
class VerifiedInclusion:
    """An entry that is in a log, and where."""

    entry: bytes
    index: int
    size: int


class MerkleTree:
    """A tree over entries (any bytes), which has at least one."""

    def __init__(self, entries: Iterable[bytes]) -> None:
        """Raises `ValueError` without entries: there is nothing to prove of an empty tree."""
        self._levels = [[leaf_hash(entry) for entry in entries]]
        if not self._levels[0]:
            raise ValueError("a Merkle tree has at least one entry")
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            above = [node_hash(below[place], below[place + 1]) for place in range(0, len(below) - 1, 2)]
            self._levels.append(above + below[len(above) * 2 :])

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return len(self._levels[0])

    @property
    def root(self) -> bytes:
        """The 32 bytes that stand for all of it."""
        return self._levels[-1][0]

    def create_proof(self, index: int) -> InclusionProof:
        """The proof of the entry at `index`, from 0. Raises `IndexError` where there is none."""
        if not 0 <= index < self.size:
            raise IndexError("the tree has no such entry")
        path, place = [], index
        for level in self._levels[:-1]:
            if place ^ 1 < len(level):
                path.append(level[place ^ 1])
            place >>= 1
        return InclusionProof(index, self.size, tuple(path))


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry as a leaf (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node above two others (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def verify_inclusion(entry: bytes, proof: InclusionProof, *, root: bytes, size: int) -> VerifiedInclusion:
    """Checks that an entry is in the tree that was anchored with this `root` and `size`.

    Both are of the anchor, not of who brings the proof. Raises `LedgerError` where the entry is not in the tree, is in
    another place, or the proof is longer or shorter than that of any tree of this size.
    """
    if proof.size != size or not 0 <= proof.index < size:
        raise LedgerError("the proof is of another tree than the one that was anchored")
    place, last, current = proof.index, size - 1, leaf_hash(entry)
    for step in proof.path:
        if last == 0 or len(step) != HASH_SIZE:
            raise LedgerError("the proof is not of the form of this tree")
        if place & 1 or place == last:
            current = node_hash(step, current)
            while place & 1 == 0:  # a last one without a neighbour went up as it is
                place, last = place >> 1, last >> 1
        else:
            current = node_hash(current, step)
        place, last = place >> 1, last >> 1
    if last != 0 or current != root:
        raise LedgerError("the entry is not in the log that was anchored")
    return VerifiedInclusion(entry, proof.index, size)


def parse_inclusion_proof(value: Mapping[str, Any]) -> InclusionProof:
    """The reverse of `InclusionProof.to_json`. Raises `ValueError` where a member is missing or wrong."""
    try:
        index, size, path = value["index"], value["size"], value["path"]
        if type(index) is not int or type(size) is not int or not 0 <= index < size <= _LARGEST_SIZE:
            raise ValueError("an inclusion proof has an index within its size")
        if not isinstance(path, list) or len(path) > size.bit_length():
            raise ValueError("an inclusion proof has a path of the tree's height")
        steps = tuple(bytes.fromhex(step) for step in path)
    except (KeyError, TypeError) as cause:
        raise ValueError("not an inclusion proof") from cause
    if any(len(step) != HASH_SIZE for step in steps):
        raise ValueError("a step of an inclusion proof is a SHA-256")
    return InclusionProof(index, size, steps)
