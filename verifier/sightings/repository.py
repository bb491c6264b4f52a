"""The SQL of sightings that are owed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select, update
from sqlmodel import col

from verifier.sightings.models import OwedSighting


class SightingRepository:
    """Reads and writes in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, owed: Sequence[OwedSighting]) -> None:
        """Keeps what is owed, in the transaction of the check."""
        if owed:
            self._connection.execute(insert(OwedSighting), [each.model_dump() for each in owed])

    def load_due(self, *, now: int, limit: int) -> list[OwedSighting]:
        """What is due, the oldest first."""
        due_at = col(OwedSighting.due_at)
        found = select(OwedSighting).where(due_at <= now).order_by(due_at).limit(limit)
        return [OwedSighting(**row._mapping) for row in self._connection.execute(found)]

    def delete(self, sighting_id: str) -> None:
        """Forgets one that is told, or that nobody will take."""
        self._connection.execute(delete(OwedSighting).where(col(OwedSighting.id) == sighting_id))

    def put_off(self, sighting_id: str, *, until: int) -> None:
        """Notes that one could not be told."""
        later = update(OwedSighting).where(col(OwedSighting.id) == sighting_id)
        self._connection.execute(later.values(due_at=until, attempts=col(OwedSighting.attempts) + 1))
