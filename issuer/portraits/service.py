"""Adding, replacing and removing people's portraits."""

from __future__ import annotations

import asyncio

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.access import Principal
from issuer.audit.repository import AuditRepository
from issuer.portraits.pictures import create_portrait_jpeg
from issuer.portraits.repository import PortraitRepository
from issuer.roster.repository import PersonRepository
from vc_core.clock import Clock
from vc_core.errors import NotFound
from vc_core.web.database import Database


class PortraitService:
    """The portraits of the people in the roster. What is out, or signed ahead, keeps the one that it has."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._decoding = asyncio.Semaphore(1)

    async def load(self, person_id: str) -> bytes:
        """The person's portrait, a JPEG. Raises `NotFound`."""
        async with self._database.transaction() as session:
            jpeg = await PortraitRepository(session).load(person_id) if await _is_there(session, person_id) else None
        if jpeg is None:
            raise NotFound("There is no such person in the roster, or no photo of them.")
        return jpeg

    async def replace(self, person_id: str, picture: bytes, by: Principal) -> None:
        """Makes a portrait of the picture, the person's from now on. Raises `NotFound`, `InvalidRequest`."""
        async with self._decoding:
            jpeg = await asyncio.to_thread(create_portrait_jpeg, picture)
        async with self._database.transaction() as session:
            if not await _is_there(session, person_id):
                raise NotFound("There is no such person in the roster.")
            await PortraitRepository(session).save(person_id, jpeg, now=self._clock())
            await AuditRepository(session).append(by.id, "set_portrait", person_id, "done", now=self._clock())

    async def remove(self, person_id: str, by: Principal) -> None:
        """Forgets the person's portrait. Raises `NotFound` where there is none."""
        async with self._database.transaction() as session:
            if not await _is_there(session, person_id) or not await PortraitRepository(session).delete(person_id):
                raise NotFound("There is no such person in the roster, or no photo of them.")
            await AuditRepository(session).append(by.id, "remove_portrait", person_id, "done", now=self._clock())


async def _is_there(session: AsyncSession, person_id: str) -> bool:
    return await PersonRepository(session).load(person_id) is not None
