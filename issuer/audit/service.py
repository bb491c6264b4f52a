"""Reading the record of what was done, and writing down what was refused."""

from __future__ import annotations

from collections.abc import Sequence

from issuer.audit.models import AuditEntry
from issuer.audit.repository import AuditFilter, AuditRepository
from vc_core.clock import Clock
from vc_core.web.database import Database

NOBODY = "nobody"
"""The principal of what was asked for by whoever is not signed in."""
SELDOM_SECONDS = 3600


class AuditService:
    """The record of what was done at the office."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def record(self, principal_id: str, action: str, record_id: str, outcome: str, *, detail: str = "") -> None:
        """A line on something that changed nothing else in the database."""
        async with self._database.transaction() as session:
            repository = AuditRepository(session)
            await repository.append(principal_id, action, record_id, outcome, now=self._clock(), detail=detail)

    async def record_seldom(self, action: str, record_id: str, outcome: str) -> None:
        """A line on what was refused to whoever is not signed in, unless there was one like it within the last hour.

        So nobody fills the record from outside, and it still says that somebody tried.
        """
        now = self._clock()
        like_it = AuditFilter(NOBODY, action, record_id, since=now - SELDOM_SECONDS + 1)
        async with self._database.transaction() as session:
            repository = AuditRepository(session)
            if not await repository.load_page(like_it, before=None, limit=1):
                await repository.append(NOBODY, action, record_id, outcome, now=now)

    async def page(
        self, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> tuple[Sequence[AuditEntry], int | None]:
        """The newest lines first, and which number to go on before if there are more."""
        async with self._database.transaction() as session:
            entries = await AuditRepository(session).load_page(wanted, before=before, limit=limit + 1)
        return entries[:limit], entries[limit - 1].number if len(entries) > limit else None
