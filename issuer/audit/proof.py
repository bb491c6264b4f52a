"""What the ledger proves of the audit log: heads of its chain that were written there once, and that nobody takes back.

    sabai-audit-head <number of the last line> <its hash> <32 random bytes>

This line of text is the one leaf of a Merkle tree (RFC 6962) whose root goes on the ledger, so the root is SHA-256 of a
zero byte and that text. The random bytes blind it: without them, whoever reads the ledger could try what a short log
may say, since a line has few bits that nobody knows. They stay in the database beside the log, for auditors.

The ledger counts the roots of a log, and chains them. A log that does not have at its place what a root stands for was
changed after that root was written; one that was written anew, and anchored again, still lacks what roots before say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vc_core.errors import LedgerError
from vc_core.ledger.anchors import verify_anchor_chain
from vc_core.ledger.events import Anchored
from vc_core.ledger.merkle import leaf_hash

DEFAULT_LOG = "sabai/audit"
"""The public name of the log on the ledger, where the issuer has no other."""
BLIND_BYTES = 32
TREE_SIZE = 1


class LedgerFinding(StrEnum):
    """What came out of comparing the log with the ledger: one of these, explained in docs/audit-log.md."""

    PROVEN = "log_proven"
    NOT_ANCHORED = "log_not_anchored"
    REWRITTEN = "log_rewritten"
    SHORTENED = "log_shortened"
    FORKED = "log_forked"
    ROOT_UNKNOWN = "root_unknown"
    MIRROR_DIFFERS = "mirror_differs"


@dataclass(frozen=True)
class BlindedHead:
    """The log's line `number` with the chain's hash up to it, and the bytes that blind them; both in hex digits."""

    number: int
    hash: str
    blind: str

    @property
    def root(self) -> str:
        """What stands for it on the ledger, in hex digits."""
        return leaf_hash(f"sabai-audit-head {self.number} {self.hash} {self.blind}".encode()).hex()


@dataclass(frozen=True)
class LedgerProof:
    """That lines 1 to `number` are those that were there at `proven_at` (seconds since 1970; None: no line is proven).

    `failed_at` is when the first root was written that the log does not agree with, None where it agrees with all;
    `failed_number` the last line that the root is over, where that is known.
    """

    finding: LedgerFinding
    number: int = 0
    proven_at: int | None = None
    failed_number: int | None = None
    failed_at: int | None = None


def compare_with_ledger(
    anchors: Sequence[Anchored], heads: Iterable[BlindedHead], hashes: Mapping[int, str], *, entries: int
) -> LedgerProof:
    """What the log's anchors, the oldest first, prove of a log with this many entries.

    `heads` are those that were made to be anchored, `hashes` the chain's at their numbers as computed anew, without
    those from where it breaks.
    """
    if not anchors:
        return LedgerProof(LedgerFinding.NOT_ANCHORED)
    try:
        verify_anchor_chain(anchors)
    except LedgerError:
        return LedgerProof(LedgerFinding.MIRROR_DIFFERS)
    by_root = {head.root: head for head in heads}
    told = [by_root.get(anchored.root) if anchored.size == TREE_SIZE else None for anchored in anchors]
    holds = [head is not None and hashes.get(head.number) == head.hash for head in told]
    good = holds.index(False) if False in holds else len(holds)
    last = told[good - 1] if good else None
    number, proven_at = (0, None) if last is None else (last.number, anchors[good - 1].at.block_timestamp)
    if good == len(holds):
        return LedgerProof(LedgerFinding.PROVEN, number, proven_at)
    failed = told[good]
    finding = _finding(failed, entries=entries, later_holds=True in holds[good:])
    failed_number = None if failed is None else failed.number
    return LedgerProof(finding, number, proven_at, failed_number, anchors[good].at.block_timestamp)


def _finding(failed: BlindedHead | None, *, entries: int, later_holds: bool) -> LedgerFinding:
    """What is wrong with a log that does not agree with this head, the first of such; None: nobody knows the root."""
    if failed is None:
        return LedgerFinding.ROOT_UNKNOWN
    if failed.number > entries:
        return LedgerFinding.SHORTENED
    return LedgerFinding.FORKED if later_holds else LedgerFinding.REWRITTEN
