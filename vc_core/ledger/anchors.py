"""Reading what a log anchored: its roots form a hash chain, which anybody can follow from the events alone.

A head is 28 bytes of Keccak-256 over the head before, the log's id, the size and the root, then 4 bytes of index,
counted from 1. So the newest head stands for every root before it, and none can be left out or exchanged.
"""

from __future__ import annotations

from collections.abc import Sequence

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from vc_core.errors import LedgerError
from vc_core.ledger.contract import load_contract
from vc_core.ledger.events import Anchored, log_id
from vc_core.ledger.protocol import Ledger

NO_HEAD = bytes(32)
"""In place of the head before a log's first."""


def next_head(log: bytes, root: bytes, *, size: int, previous_head: bytes) -> bytes:
    """The head (32 bytes) that the contract makes of a root on top of another head."""
    digest = keccak(encode(("bytes32", "bytes32", "uint64", "bytes32"), (previous_head, log, size, root)))
    index = int.from_bytes(previous_head[28:], "big") + 1
    return digest[:28] + index.to_bytes(4, "big")


def verify_anchor_chain(anchors: Sequence[Anchored]) -> Anchored:
    """Follows a log's anchors from its first to the newest, which it returns.

    Raises `LedgerError` where there is none, one is missing, of another log, or not what its head stands for.
    """
    head = NO_HEAD
    for place, anchored in enumerate(anchors, start=1):
        log, root = bytes.fromhex(anchored.log), bytes.fromhex(anchored.root)
        head = next_head(log, root, size=anchored.size, previous_head=head)
        if anchored.log != anchors[0].log or anchored.index != place or anchored.head != head.hex():
            raise LedgerError("the anchors of the log are not one chain")
    if not anchors:
        raise LedgerError("the log has no anchor")
    return anchors[-1]


async def read_head(ledger: Ledger, contract: bytes, log: str) -> bytes:
    """The newest head (32 bytes) of the log of this public name, asked of the contract now; 0 before the first.

    It may be of a block that is not final yet. Raises `LedgerError`.
    """
    anchors = load_contract("Anchors")
    head: bytes
    (head,) = anchors.decode_result("headOf", await ledger.call(contract, anchors.encode_call("headOf", log_id(log))))
    return head
