"""A ledger that is played for the audit log: what was anchored of it, and what a service's mirror has of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from issuer.audit.proof import DEFAULT_LOG
from tests.support.bundles import place
from vc_core.errors import LedgerUnavailable
from vc_core.ledger.anchored_log import AnchoredLog
from vc_core.ledger.anchors import NO_HEAD, next_head
from vc_core.ledger.events import Anchored, log_id


def anchor(before: Sequence[Anchored], root: str, *, size: int = 1) -> Anchored:
    """The event by which the root follows those before."""
    log, number = log_id(DEFAULT_LOG), len(before) + 1
    previous = bytes.fromhex(before[-1].head) if before else NO_HEAD
    head = next_head(log, bytes.fromhex(root), size=size, previous_head=previous)
    return Anchored(place(number), log.hex(), number, size, root, head.hex())


@dataclass
class PlayedLedger:
    """`mirrored` are the roots that the mirror has, `written` those on the ledger, which answers or does not."""

    written: list[Anchored] = field(default_factory=list)
    mirrored: list[Anchored] = field(default_factory=list)
    answers: bool = True

    def log(self, name: str = DEFAULT_LOG) -> AnchoredLog:
        """The log as a service knows it."""
        return AnchoredLog(name, 1, "0x" + "33" * 20, lambda: self.mirrored, self._head)

    def anchor(self, root: str) -> None:
        """Writes a root, which the mirror sees."""
        self.written.append(anchor(self.written, root))
        self.mirrored = list(self.written)

    async def _head(self) -> bytes:
        if not self.answers:
            raise LedgerUnavailable("away")
        return bytes.fromhex(self.written[-1].head) if self.written else NO_HEAD
