"""The SQL of sightings."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.sightings.models import Sighting


class SightingRepository:
    """Reads and writes sightings, in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, sighting: Sighting) -> None:
        """Keeps a new sighting."""
        self._session.add(sighting)
        await self._session.flush()

    async def load(self, sighting_id: str) -> Sighting | None:
        """The sighting of this id."""
        return await self._session.get(Sighting, sighting_id)
