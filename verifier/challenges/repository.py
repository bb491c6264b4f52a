"""The SQL of challenges."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select
from sqlmodel import col

from verifier.challenges.models import IssuedChallenge


class ChallengeRepository:
    """Reads and writes in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, row: IssuedChallenge) -> None:
        """A new challenge."""
        self._connection.execute(insert(IssuedChallenge).values(**row.model_dump()))

    def load_by_key(self, key_id: str) -> IssuedChallenge | None:
        """The challenge whose key has this id."""
        statement = select(IssuedChallenge.__table__).where(col(IssuedChallenge.key_id) == key_id)  # type: ignore[attr-defined]
        found = self._connection.execute(statement).mappings().first()
        return None if found is None else IssuedChallenge(**found)

    def delete_old(self, *, expired_before: int) -> None:
        """Forgets the challenges that were over before that time."""
        self._connection.execute(delete(IssuedChallenge).where(col(IssuedChallenge.expires_at) < expired_before))
