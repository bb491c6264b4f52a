"""Anchoring the audit log: the head of its chain, blinded, is told to whoever writes it to the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.audit.models import AuditBatch
from issuer.audit.proof import BLIND_BYTES, TREE_SIZE, BlindedHead
from issuer.audit.repository import AuditRepository
from vc_core.ledger.anchored_log import AnchoredLog
from vc_core.web.database import Database


class AuditAnchoring:
    """The heads that are, or are to be, on the ledger."""

    def __init__(self, database: Database, log: AnchoredLog, randomness: Callable[[int], bytes]) -> None:
        self._database = database
        self._randomness = randomness
        self.log = log

    async def open_batch(self) -> AuditBatch | None:
        """The head that is to be anchored, made now where there is none; None where no line was added since the last.

        It is no line of the log itself: there would be something new each time.
        """
        return await self._database.transact(self._open_batch)

    async def _open_batch(self, session: AsyncSession) -> AuditBatch | None:
        repository = AuditRepository(session)
        newest = await repository.load_newest_batch(self.log.name)
        if newest is not None and self.log.find(newest.root, size=TREE_SIZE) is None:
            return newest
        number, written = await repository.load_head()
        if (number, written) == ((0, written) if newest is None else (newest.line_number, newest.line_hash)):
            return None
        head = BlindedHead(number, written, self._randomness(BLIND_BYTES).hex())
        batch = AuditBatch(
            log=self.log.name,
            number=1 if newest is None else newest.number + 1,
            line_number=head.number,
            line_hash=head.hash,
            blind=head.blind,
            root=head.root,
        )
        await repository.save_batch(batch)
        return batch

    async def batches(self, *, after: int, limit: int) -> Sequence[AuditBatch]:
        """What was made to be anchored, in order, from the one after this number on."""
        async with self._database.transaction() as session:
            return await AuditRepository(session).load_batches(self.log.name, after=after, limit=limit)
