"""The SQL of disputes."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, or_, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.disputes.models import Dispute, Disputed

# The unique pair decides which of two equal disputes was first; both then find the same one.
_ADD = text(
    "INSERT INTO dispute (id, health_id, kind, subject_id, created_at) "
    "VALUES (:id, :health_id, :kind, :subject_id, :created_at) ON CONFLICT (kind, subject_id) DO NOTHING"
)


class DisputeRepository:
    """Reads and writes disputes, in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, dispute: Dispute) -> Dispute:
        """Keeps a dispute unless there is one of the same thing; returns the one that is kept."""
        connection = await self._session.connection()
        await connection.execute(_ADD, {**dispute.model_dump(), "kind": str(dispute.kind)})
        found = select(Dispute).where(Dispute.kind == dispute.kind, Dispute.subject_id == dispute.subject_id)
        return (await self._session.exec(found)).one()

    async def is_disputed(self, kind: Disputed, subject_id: str) -> bool:
        """Whether there is a dispute of this."""
        found = select(Dispute.id).where(Dispute.kind == kind, Dispute.subject_id == subject_id)
        return (await self._session.exec(found)).one_or_none() is not None

    async def load(self, dispute_id: str) -> Dispute | None:
        """The dispute of this id."""
        return await self._session.get(Dispute, dispute_id)

    async def load_newest(self, kinds: Collection[Disputed], *, before: Dispute | None, limit: int) -> list[Dispute]:
        """Disputes of these kinds, the newest first; those older than `before`."""
        found = select(Dispute).where(col(Dispute.kind).in_(kinds))
        if before is not None:
            created_at = col(Dispute.created_at)
            same_second = and_(created_at == before.created_at, col(Dispute.id) < before.id)
            found = found.where(or_(created_at < before.created_at, same_second))
        newest_first = found.order_by(col(Dispute.created_at).desc(), col(Dispute.id).desc())
        return list(await self._session.exec(newest_first.limit(limit)))
