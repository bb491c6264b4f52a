"""The SQL of checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import uuid4

from sqlalchemy import Connection, Table, delete, insert
from sqlalchemy.dialects import postgresql, sqlite

from verifier.checks.models import CheckRecord, SeenPresentation
from verifier.models import VerifierTable

_SEEN: Table = VerifierTable.metadata.tables[str(SeenPresentation.__tablename__)]
_RECORDS: Table = VerifierTable.metadata.tables[str(CheckRecord.__tablename__)]

# The primary key decides which of two equal presentations came first; a read before the write could not.
_REMEMBER = {
    "sqlite": sqlite.insert(_SEEN).on_conflict_do_nothing().returning(_SEEN.c.digest),
    "postgresql": postgresql.insert(_SEEN).on_conflict_do_nothing().returning(_SEEN.c.digest),
}
_SAVE_RECORDS = insert(_RECORDS)


@dataclass(frozen=True)
class UsedPresentation:
    """A presentation by its SHA-256 digest, and until when it would pass as fresh (seconds since 1970)."""

    digest: bytes
    fresh_until: int


@dataclass(frozen=True)
class AuditRecord:
    """A line of the audit log that is yet to be saved; see `CheckRecord`."""

    checked_at: int
    verdict: str
    code: str
    credential_type: str | None
    issuer: str | None


class CheckRepository:
    """Reads and writes in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def remember(self, used: Sequence[UsedPresentation]) -> set[bytes]:
        """Takes note of presentations; returns the digests that were not there already."""
        if not used:
            return set()
        # In the same order everywhere: two processes that wait for each other's rows would wait for ever.
        rows = [asdict(each) for each in sorted(used, key=lambda each: each.digest)]
        return set(self._connection.execute(_REMEMBER[self._connection.dialect.name], rows).scalars())

    def save_records(self, records: Sequence[AuditRecord]) -> None:
        """Adds lines to the audit log."""
        if records:
            self._connection.execute(_SAVE_RECORDS, [asdict(each) | {"check_id": uuid4().hex} for each in records])

    def delete_seen(self, *, before: int) -> int:
        """Forgets the presentations that were fresh until before that time; returns how many."""
        return self._connection.execute(delete(_SEEN).where(_SEEN.c.fresh_until < before)).rowcount
