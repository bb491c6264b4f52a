"""The SQL of checks."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from sqlalchemy import Connection

from verifier.checks.models import CheckRecord, PinTry, SeenPresentation

_SEEN = str(SeenPresentation.__tablename__)
_RECORDS = str(CheckRecord.__tablename__)
_TRIES = str(PinTry.__tablename__)
_PLACEHOLDERS = {"sqlite": "?", "postgresql": "%s"}
_RANDOM_BYTES = 11


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
    assurance: str | None = None
    staff_id: str | None = None
    random: str = field(default_factory=lambda: secrets.token_hex(_RANDOM_BYTES))

    @property
    def check_id(self) -> str:
        """Beginning with the time, so that neighbours in the log are so in the index, and share pages to write."""
        return f"{self.checked_at:010x}{self.random}"


class CheckRepository:
    """Reads and writes in one transaction.

    In the database's own words, one statement for all rows: to put a statement together anew, or to go to the database
    once for each row, takes longer than the rows do. What a check leaves behind is handed to the driver itself.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._placeholder = _PLACEHOLDERS[connection.dialect.name]

    def remember(self, used: Sequence[UsedPresentation]) -> set[bytes]:
        """Takes note of presentations; returns the digests that were not there already."""
        if not used:
            return set()
        # In the same order everywhere: two processes that wait for each other's rows would wait for ever.
        rows = sorted((each.digest, each.fresh_until) for each in used)
        statement = _remember(self._placeholder, len(rows))
        cursor = self._connection.connection.cursor()
        cursor.execute(statement, tuple(chain.from_iterable(rows)))
        return {digest for (digest,) in cursor.fetchall()}

    def save_records(self, records: Sequence[AuditRecord]) -> None:
        """Adds lines to the audit log."""
        if not records:
            return
        rows = [
            (
                each.check_id,
                each.checked_at,
                each.verdict,
                str(each.code),
                each.credential_type,
                each.issuer,
                each.assurance,
                each.staff_id,
            )
            for each in records
        ]
        statement = _save_records(self._placeholder, len(rows))
        self._connection.connection.cursor().execute(statement, tuple(chain.from_iterable(rows)))

    def take_try(self, digest: bytes, *, day: int, most: int) -> bool:
        """Whether one more PIN may be tried on this card that day: counted before it is tried, however many try."""
        statement = _take_try(self._placeholder)
        return self._connection.exec_driver_sql(statement, (digest, day, most)).first() is not None

    def give_back_try(self, digest: bytes, *, day: int) -> None:
        """The PIN was right: it does not count."""
        mark = self._placeholder
        statement = f"UPDATE {_TRIES} SET tries = tries - 1 WHERE digest = {mark} AND day = {mark}"  # noqa: S608
        self._connection.exec_driver_sql(statement, (digest, day))

    def delete_tries(self, *, before: int) -> None:
        """Forgets the wrong PINs of days before that one."""
        statement = f"DELETE FROM {_TRIES} WHERE day < {self._placeholder}"  # noqa: S608
        self._connection.exec_driver_sql(statement, (before,))

    def delete_seen(self, *, before: int) -> int:
        """Forgets the presentations that were fresh until before that time; returns how many."""
        statement = f"DELETE FROM {_SEEN} WHERE fresh_until < {self._placeholder}"  # noqa: S608 - names of our own
        return self._connection.exec_driver_sql(statement, (before,)).rowcount


@lru_cache(maxsize=256)
def _remember(placeholder: str, count: int) -> str:
    # The primary key decides which of two equal presentations came first; a read before the write could not.
    return (
        f"INSERT INTO {_SEEN} (digest, fresh_until) VALUES {_rows(placeholder, 2, count)} "  # noqa: S608
        "ON CONFLICT DO NOTHING RETURNING digest"
    )


def _take_try(mark: str) -> str:
    return (
        f"INSERT INTO {_TRIES} (digest, day, tries) VALUES ({mark}, {mark}, 1) "  # noqa: S608
        f"ON CONFLICT (digest, day) DO UPDATE SET tries = {_TRIES}.tries + 1 WHERE {_TRIES}.tries < {mark} "
        "RETURNING tries"
    )


@lru_cache(maxsize=256)
def _save_records(placeholder: str, count: int) -> str:
    return (
        f"INSERT INTO {_RECORDS} "  # noqa: S608
        "(check_id, checked_at, verdict, code, credential_type, issuer, assurance, staff_id) "
        f"VALUES {_rows(placeholder, 8, count)}"
    )


def _rows(placeholder: str, columns: int, count: int) -> str:
    row = "(" + ", ".join([placeholder] * columns) + ")"
    return ", ".join([row] * count)
