"""What was seen of status lists, in the database: for a desk that starts anew, and for its other processes."""

from __future__ import annotations

from collections.abc import Sequence

from vc_core.status import SignedStatusList
from vc_core.web.database import Database
from verifier.statuses.repository import SeenRepository

KEEP_SECONDS = 30 * 24 * 3600
"""How long a list is remembered after it has expired, so that one older than it is still refused."""


class DatabaseMemory:
    """A `StatusMemory`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, issuer: str, uri: str) -> int:
        """See `StatusMemory`."""
        return await self._database.write(lambda connection: SeenRepository(connection).newest(issuer, uri))

    async def remember(self, signed: SignedStatusList) -> None:
        """See `StatusMemory`."""
        await self._database.write(lambda connection: SeenRepository(connection).remember(signed))

    async def load_all(self) -> Sequence[tuple[str, str]]:
        """Address and text of every list that is kept, to be verified anew before it is used."""
        return await self._database.write(lambda connection: SeenRepository(connection).load_all())

    async def forget(self, *, now: int) -> None:
        """Forgets the lists that expired long ago."""
        before = now - KEEP_SECONDS
        await self._database.write(lambda connection: SeenRepository(connection).delete_expired(before=before))
