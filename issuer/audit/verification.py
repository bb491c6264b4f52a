"""Checking the audit log: its chain of hashes, computed anew, and what the ledger proves of it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from issuer.audit.chain import START, BrokenChain, verify_lines
from issuer.audit.proof import LedgerFinding, LedgerProof, compare_with_ledger
from issuer.audit.repository import AuditRepository, head_of, line_of
from vc_core.errors import LedgerError
from vc_core.ledger.anchored_log import AnchoredLog
from vc_core.ledger.anchors import NO_HEAD
from vc_core.web.database import Database

_BATCH = 5_000


@dataclass(frozen=True)
class LogState:
    """How many lines there are and the last one's hash; `broken_at` is the first that is not as it was written.

    `proof` is what the ledger says of it, in `anchors` roots; `asked`: whether the ledger itself was asked just now, so
    that nothing rests on the mirror of it in our database.
    """

    entries: int
    head: str
    broken_at: int | None
    proof: LedgerProof
    anchors: int
    asked: bool


class AuditVerification:
    """The log against itself and against the ledger."""

    def __init__(self, database: Database, log: AnchoredLog) -> None:
        self._database = database
        self.log = log

    async def verify(self) -> LogState:
        """Reads all lines and computes the chain anew. Lines that are added meanwhile are not looked at."""
        anchors = self.log.anchors()  # before the heads: each head is in the database before its root is written
        async with self._database.transaction() as session:
            repository = AuditRepository(session)
            heads = [head_of(batch) for batch in await repository.load_batches(self.log.name)]
            number, head = await repository.load_head()
        hashes, broken_at = await self._compute(number, head, {each.number for each in heads})
        proof = await asyncio.to_thread(compare_with_ledger, anchors, heads, hashes, entries=number)
        mirrored = bytes.fromhex(anchors[-1].head) if anchors else NO_HEAD
        told = await self._ask_ledger()
        if told not in (None, mirrored) and proof.finding in (LedgerFinding.PROVEN, LedgerFinding.NOT_ANCHORED):
            proof = LedgerProof(LedgerFinding.MIRROR_DIFFERS)
        return LogState(number, head, broken_at, proof, len(anchors), told is not None)

    async def _ask_ledger(self) -> bytes | None:
        """The head that stands for all roots of the log, None where the ledger does not answer."""
        try:
            return await self.log.read_head()
        except LedgerError:
            return None

    async def _compute(self, number: int, head: str, wanted: Collection[int]) -> tuple[dict[int, str], int | None]:
        """The hashes at the wanted numbers, as far as the chain holds, and where it breaks if it does."""
        reached, hashes = (0, START), dict[int, str]()
        try:
            while reached[0] < number:
                async with self._database.transaction() as session:
                    limit = min(_BATCH, number - reached[0])
                    entries = await AuditRepository(session).load_after(reached[0], limit=limit)
                if not entries:
                    raise BrokenChain(reached[0] + 1)
                lines = [(line_of(entry), entry.hash) for entry in entries]
                hashes |= {line.number: written for line, written in lines if line.number in wanted}
                reached = await asyncio.to_thread(verify_lines, reached, lines)
            if reached != (number, head):
                raise BrokenChain(number)
        except BrokenChain as broken:
            return {at: written for at, written in hashes.items() if at < broken.number}, broken.number
        return hashes, None
