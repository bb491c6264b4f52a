"""The portraits, in the database."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.portraits.models import Portrait


class PortraitRepository:
    """Portraits within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def load(self, person_id: str) -> bytes | None:
        """The person's portrait, if there is one."""
        found = await self._session.get(Portrait, person_id)
        return None if found is None else found.jpeg

    async def save(self, person_id: str, jpeg: bytes, *, now: int) -> None:
        """The person's portrait, in place of an earlier one. Raises `IntegrityError` where another was faster."""
        found = await self._session.get(Portrait, person_id)
        if found is None:
            self._session.add(Portrait(person_id=person_id, jpeg=jpeg, updated_at=now))
        else:
            found.sqlmodel_update({"jpeg": jpeg, "updated_at": now})
        await self._session.flush()

    async def delete(self, person_id: str) -> bool:
        """Whether there was one."""
        found = await self._session.get(Portrait, person_id)
        if found is not None:
            await self._session.delete(found)
            await self._session.flush()
        return found is not None


def load_portraits(connection: Connection, person_ids: Iterable[str]) -> dict[str, bytes]:
    """The portraits of those of these people who have one."""
    query = select(col(Portrait.person_id), col(Portrait.jpeg)).where(col(Portrait.person_id).in_(person_ids))
    return {row.person_id: row.jpeg for row in connection.execute(query)}
