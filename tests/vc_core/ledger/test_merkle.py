"""Merkle trees and inclusion proofs, against RFC 6962's own definition and against forged proofs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc_core.errors import LedgerError
from vc_core.ledger.merkle import (
    InclusionProof,
    MerkleTree,
    leaf_hash,
    node_hash,
    parse_inclusion_proof,
    verify_inclusion,
)

ENTRIES = [b"", b"\x00", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]


def tree_hash(entries: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, as it is written there."""
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1 << ((len(entries) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + tree_hash(entries[:split]) + tree_hash(entries[split:])).digest()


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70))
def test_the_root_is_that_of_the_rfc(entries: list[bytes]) -> None:
    tree = MerkleTree(entries)

    assert (tree.root, tree.size) == (tree_hash(entries), len(entries))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100])
def test_every_entry_of_a_tree_is_proven(size: int) -> None:
    entries = [number.to_bytes(2, "big") for number in range(size)]
    tree = MerkleTree(entries)

    for index, entry in enumerate(entries):
        proof = tree.create_proof(index)
        verified = verify_inclusion(entry, proof, root=tree.root, size=size)
        assert (verified.entry, verified.index, verified.size) == (entry, index, size)
        assert len(proof.path) <= (size - 1).bit_length()


def test_no_empty_tree_and_no_entry_outside() -> None:
    with pytest.raises(ValueError, match="at least one"):
        MerkleTree([])
    for index in (-1, 8):
        with pytest.raises(IndexError):
            MerkleTree(ENTRIES).create_proof(index)


@given(st.integers(1, 40), st.data())
def test_one_fault_in_a_proof(size: int, data: st.DataObject) -> None:
    entries = [number.to_bytes(2, "big") for number in range(size)]
    tree, index = MerkleTree(entries), data.draw(st.integers(0, size - 1))
    proof = tree.create_proof(index)
    other = data.draw(st.integers(0, size).filter(lambda number: number != index))
    forged = [
        dataclasses.replace(proof, index=other),
        dataclasses.replace(proof, index=-1),
        dataclasses.replace(proof, size=size + 1),
        dataclasses.replace(proof, path=(*proof.path, bytes(32))),
        dataclasses.replace(proof, path=(bytes(32), *proof.path)),
    ]
    for place, step in enumerate(proof.path):
        path = list(proof.path)
        path[place] = bytes([step[0] ^ 1]) + step[1:]
        forged.append(dataclasses.replace(proof, path=tuple(path)))
        path[place] = step[:31]
        forged.append(dataclasses.replace(proof, path=tuple(path)))
    if proof.path:
        forged.append(dataclasses.replace(proof, path=proof.path[:-1]))

    for wrong in forged:
        with pytest.raises(LedgerError):
            verify_inclusion(entries[index], wrong, root=tree.root, size=size)
    for entry, root in ((b"another", tree.root), (entries[index], bytes(32))):
        with pytest.raises(LedgerError):
            verify_inclusion(entry, proof, root=root, size=size)


def test_a_node_is_no_entry() -> None:
    tree = MerkleTree(ENTRIES)
    left, right = (MerkleTree(ENTRIES[:4]).root, MerkleTree(ENTRIES[4:]).root)
    assert tree.root == node_hash(left, right)

    with pytest.raises(LedgerError):
        verify_inclusion(left + right, InclusionProof(0, 1, ()), root=tree.root, size=1)
    with pytest.raises(LedgerError):
        verify_inclusion(left, InclusionProof(0, 2, (right,)), root=tree.root, size=2)
    assert leaf_hash(left + right) != node_hash(left, right)


def test_a_proof_for_a_smaller_tree_of_the_same_root_is_refused() -> None:
    tree = MerkleTree(ENTRIES[:7])

    with pytest.raises(LedgerError, match="another tree"):
        verify_inclusion(ENTRIES[0], tree.create_proof(0), root=tree.root, size=8)


def test_there_and_back() -> None:
    proof = MerkleTree(ENTRIES).create_proof(5)

    assert parse_inclusion_proof(json.loads(json.dumps(proof.to_json()))) == proof


@pytest.mark.parametrize(
    "fault",
    [
        {"index": -1},
        {"index": 8},
        {"index": True},
        {"index": "5"},
        {"size": 2**64},
        {"size": None},
        {"path": None},
        {"path": [7]},
        {"path": ["zz" * 32]},
        {"path": ["00" * 31]},
        {"path": ["00" * 32] * 9},
    ],
)
def test_what_is_no_proof(fault: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="."):
        parse_inclusion_proof({**MerkleTree(ENTRIES).create_proof(5).to_json(), **fault})


def test_a_member_missing() -> None:
    with pytest.raises(ValueError, match="not an inclusion proof"):
        parse_inclusion_proof({"index": 0})


def test_a_stranger_needs_no_library() -> None:
    program = (
        "import sys; before = set(sys.modules); import vc_core.ledger.merkle\n"
        "added = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "assert added <= set(sys.stdlib_module_names) | {'vc_core'}, added\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True)


def test_ten_thousand_entries() -> None:
    entries = [number.to_bytes(4, "big") for number in range(10_000)]
    tree = MerkleTree(entries)

    for index in range(0, 10_000, 100):
        verify_inclusion(entries[index], tree.create_proof(index), root=tree.root, size=10_000)
    assert len(tree.create_proof(0).path) == 14
