"""The portraits, in the database."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.portraits.models import Portrait
from vc_core.web.database import insert_on


class PortraitRepository:
    """Portraits within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def load(self, person_id: str) -> bytes | None:
        """The person's portrait, if there is one."""
        found = await self._session.get(Portrait, person_id)
        return None if found is None else found.jpeg

    async def save(self, person_id: str, jpeg: bytes, *, now: int) -> None:
        """The person's portrait, in place of an earlier one."""
        values = {"jpeg": jpeg, "updated_at": now}
        statement = insert_on(self._session.get_bind().dialect, Portrait).values(person_id=person_id, **values)
        await self._session.exec(statement.on_conflict_do_update(index_elements=[col(Portrait.person_id)], set_=values))

    async def delete(self, person_id: str) -> bool:
        """Whether there was one, and no other deleted it."""
        theirs = delete(Portrait).where(col(Portrait.person_id) == person_id)
        return (await self._session.exec(theirs)).rowcount == 1


def load_portraits(connection: Connection, person_ids: Iterable[str]) -> dict[str, bytes]:
    """The portraits of those of these people who have one."""
    query = select(col(Portrait.person_id), col(Portrait.jpeg)).where(col(Portrait.person_id).in_(person_ids))
    return {row.person_id: row.jpeg for row in connection.execute(query)}
