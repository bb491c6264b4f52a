"""The record of what was done, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.audit.chain import AuditLine, hash_line
from issuer.audit.models import AuditBatch, AuditEntry, AuditHead
from issuer.audit.proof import BlindedHead

MAX_DETAIL = 200
_HEAD = 1


@dataclass(frozen=True)
class AuditFilter:
    """Which lines are looked for; None and empty mean all. Times in seconds since 1970, `until` not included."""

    principal_id: str = ""
    action: str = ""
    record_id: str = ""
    since: int | None = None
    until: int | None = None


class AuditRepository:
    """The record within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def append(
        self, principal_id: str, action: str, record_id: str, outcome: str, *, now: int, detail: str = ""
    ) -> None:
        """One more line, there exactly if the transaction is.

        The last thing that a transaction does: others wait for its end, so none may wait for another of them.
        """
        number, previous = (
            await self._session.exec(
                update(AuditHead)
                .where(col(AuditHead.id) == _HEAD)
                .values(number=col(AuditHead.number) + 1)
                .returning(col(AuditHead.number), col(AuditHead.hash))
                .execution_options(synchronize_session=False)
            )
        ).one()
        line = AuditLine(number, now, principal_id, action, record_id, detail[:MAX_DETAIL], outcome)
        written = hash_line(previous, line)
        self._session.add(AuditEntry(**vars(line), hash=written))
        await self._session.flush()
        await self._session.exec(
            update(AuditHead)
            .where(col(AuditHead.id) == _HEAD)
            .values(hash=written)
            .execution_options(synchronize_session=False)
        )

    async def load_head(self) -> tuple[int, str]:
        """The last line's number and hash."""
        head = await self._session.get(AuditHead, _HEAD)
        if head is None:
            raise RuntimeError("the record of what was done has no head")
        return head.number, head.hash

    async def load_after(self, number: int, *, limit: int) -> Sequence[AuditEntry]:
        """The lines that follow this number, in order."""
        query = select(AuditEntry).where(col(AuditEntry.number) > number).order_by(col(AuditEntry.number)).limit(limit)
        return (await self._session.exec(query)).all()

    async def load_page(self, wanted: AuditFilter, *, before: int | None, limit: int) -> Sequence[AuditEntry]:
        """The newest lines first, from the one before the number `before` on."""
        query = select(AuditEntry).order_by(col(AuditEntry.number).desc()).limit(limit)
        for column in ("principal_id", "action", "record_id"):
            if value := getattr(wanted, column):
                query = query.where(getattr(AuditEntry, column) == value)
        if wanted.since is not None:
            query = query.where(col(AuditEntry.at) >= wanted.since)
        if wanted.until is not None:
            query = query.where(col(AuditEntry.at) < wanted.until)
        if before is not None:
            query = query.where(col(AuditEntry.number) < before)
        return (await self._session.exec(query)).all()

    async def load_newest_batch(self, log: str) -> AuditBatch | None:
        """The head that was made last to be anchored in this log."""
        query = select(AuditBatch).where(col(AuditBatch.log) == log).order_by(col(AuditBatch.number).desc()).limit(1)
        return (await self._session.exec(query)).first()

    async def load_batches(self, log: str, *, after: int = 0, limit: int | None = None) -> Sequence[AuditBatch]:
        """Those that follow this number, in order."""
        query = select(AuditBatch).where(col(AuditBatch.log) == log, col(AuditBatch.number) > after)
        return (await self._session.exec(query.order_by(col(AuditBatch.number)).limit(limit))).all()

    async def save_batch(self, batch: AuditBatch) -> None:
        """Writes a new one. Raises `IntegrityError` where another process made the one of this number."""
        self._session.add(batch)
        await self._session.flush()


def line_of(entry: AuditEntry) -> AuditLine:
    """What a row says."""
    return AuditLine(**entry.model_dump(exclude={"hash"}))


def head_of(batch: AuditBatch) -> BlindedHead:
    """What a batch stands for."""
    return BlindedHead(batch.line_number, batch.line_hash, batch.blind)
