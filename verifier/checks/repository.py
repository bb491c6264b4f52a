"""The SQL of checks."""

from __future__ import annotations

from typing import cast

from sqlalchemy import CursorResult, delete, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from vc_core.errors import ReasonCode, Rejection
from verifier.checks.models import CheckRecord, SeenPresentation

# The primary key decides which of two equal presentations came first; a read before the write could not. Both
# databases know this form.
_REMEMBER = text(
    "INSERT INTO seen_presentation (digest, fresh_until) VALUES (:digest, :fresh_until) ON CONFLICT DO NOTHING"
)


class CheckRepository:
    """Reads and writes in one transaction; as `ReplayGuard` it knows the presentations that were accepted before."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def remember(self, digest: bytes, *, until: int) -> None:
        """Takes note of a presentation until that time. Raises `Rejection` `REPLAYED` if it was there already."""
        connection = await self._session.connection()
        result = await connection.execute(_REMEMBER, {"digest": digest, "fresh_until": until})
        if result.rowcount != 1:
            raise Rejection(ReasonCode.REPLAYED, "This code was used before; a fresh one is needed.")

    def save_record(self, record: CheckRecord) -> None:
        """Adds one line to the audit log."""
        self._session.add(record)

    async def delete_seen(self, *, before: int) -> int:
        """Forgets the presentations that were fresh until before that time; returns how many."""
        connection = await self._session.connection()
        result = await connection.execute(delete(SeenPresentation).where(col(SeenPresentation.fresh_until) < before))
        return cast(CursorResult[tuple[()]], result).rowcount
