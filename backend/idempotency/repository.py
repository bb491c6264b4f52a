"""The SQL of requests that may come twice."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.idempotency.models import IdempotentAnswer


class IdempotencyRepository:
    """Reads and writes answers, in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def load(self, scope: str, key: str) -> IdempotentAnswer | None:
        """The answer that was given to this key before."""
        return await self._session.get(IdempotentAnswer, (scope, key))

    async def add(self, answer: IdempotentAnswer) -> None:
        """Keeps an answer. Raises SQLAlchemy's `IntegrityError` where the key has one already."""
        self._session.add(answer)
        await self._session.flush()
