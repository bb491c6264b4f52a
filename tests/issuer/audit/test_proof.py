"""What the ledger proves of a log, and how a log is found that was changed after it was anchored."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest

from issuer.audit.proof import BlindedHead, LedgerFinding, LedgerProof, compare_with_ledger
from tests.issuer.audit.ledger import anchor
from vc_core.ledger.events import Anchored

HEADS = [BlindedHead(number, f"{number:064x}", f"{100 + number:064x}") for number in (3, 5, 9)]
HASHES = {head.number: head.hash for head in HEADS}
ANCHORS: list[Anchored] = []
for _head in HEADS:
    ANCHORS.append(anchor(ANCHORS, _head.root))
TIMES = [anchored.at.block_timestamp for anchored in ANCHORS]


def test_a_root_is_the_hash_of_a_line_of_text() -> None:
    text = f"\0sabai-audit-head 3 {HEADS[0].hash} {HEADS[0].blind}"
    assert HEADS[0].root == hashlib.sha256(text.encode()).hexdigest()


def test_a_log_that_agrees_is_proven_up_to_the_newest_root() -> None:
    proof = compare_with_ledger(ANCHORS, HEADS, HASHES, entries=12)
    assert proof == LedgerProof(LedgerFinding.PROVEN, 9, TIMES[2])
    waiting = [*HEADS, BlindedHead(12, "cc" * 32, "dd" * 32)]
    assert compare_with_ledger(ANCHORS, waiting, {**HASHES, 12: "cc" * 32}, entries=12) == proof
    assert compare_with_ledger([], waiting, {}, entries=12) == LedgerProof(LedgerFinding.NOT_ANCHORED)


@pytest.mark.parametrize(
    ("changed", "entries", "finding", "good"),
    [
        ((9,), 12, LedgerFinding.REWRITTEN, 2),
        ((5, 9), 12, LedgerFinding.REWRITTEN, 1),
        ((3, 5, 9), 12, LedgerFinding.REWRITTEN, 0),
        ((9,), 8, LedgerFinding.SHORTENED, 2),
        ((3, 5, 9), 0, LedgerFinding.SHORTENED, 0),
        ((3,), 12, LedgerFinding.FORKED, 0),
        ((5,), 12, LedgerFinding.FORKED, 1),
    ],
    ids=["the-end", "the-middle", "all", "shortened", "emptied", "forked-at-once", "forked"],
)
def test_what_was_changed_after_it_was_anchored(
    changed: tuple[int, ...], entries: int, finding: LedgerFinding, good: int
) -> None:
    hashes = {number: "ff" * 32 if number in changed else value for number, value in HASHES.items() if number < entries}
    number, proven_at = (HEADS[good - 1].number, TIMES[good - 1]) if good else (0, None)
    expected = LedgerProof(finding, number, proven_at, HEADS[good].number, TIMES[good])
    assert compare_with_ledger(ANCHORS, HEADS, hashes, entries=entries) == expected


def test_a_root_that_nobody_knows() -> None:
    """Its head was taken out of the database, or changed there; or somebody else writes to this log."""
    changed = [dataclasses.replace(HEADS[1], blind=blind) for blind in ("ee" * 32, "é")]
    for heads in ([HEADS[0], HEADS[2]], *([HEADS[0], each, HEADS[2]] for each in changed)):
        proof = compare_with_ledger(ANCHORS, heads, HASHES, entries=12)
        assert proof == LedgerProof(LedgerFinding.ROOT_UNKNOWN, 3, TIMES[0], None, TIMES[1])
    other_size = [*ANCHORS, anchor(ANCHORS, HEADS[2].root, size=2)]
    assert compare_with_ledger(other_size, HEADS, HASHES, entries=12).finding is LedgerFinding.ROOT_UNKNOWN


def test_anchors_that_are_no_chain_prove_nothing() -> None:
    for anchors in (ANCHORS[1:], [ANCHORS[0], ANCHORS[2]]):
        assert compare_with_ledger(anchors, HEADS, HASHES, entries=12) == LedgerProof(LedgerFinding.MIRROR_DIFFERS)
