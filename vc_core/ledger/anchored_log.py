"""A log of a service whose roots somebody with the log's key writes to the ledger, as the service sees it.

The service holds no key of the ledger. It tells the root that is to be written, sees by its own mirror of the ledger
when it is there, and until then tells the same root again: an attempt that was cut short anywhere is made again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from vc_core.ledger.events import Anchored


@dataclass(frozen=True)
class AnchoredLog:
    """The log's public name, and where its roots are: chain and contract (0x and hex digits).

    `anchors` gives the roots that the mirror has, the oldest first; `read_head` asks the ledger itself for the head
    (32 bytes) that stands for all of them, and raises `LedgerError`.
    """

    name: str
    chain_id: int
    contract: str
    anchors: Callable[[], Sequence[Anchored]]
    read_head: Callable[[], Awaitable[bytes]]

    def find(self, root: str, *, size: int) -> Anchored | None:
        """The anchor of a root (hex digits) over so many entries, where the mirror has it."""
        for anchored in reversed(self.anchors()):
            if (anchored.root, anchored.size) == (root, size):
                return anchored
        return None
