"""Importing the roster, and finding people in it."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.access import Principal
from issuer.audit.repository import AuditRepository
from issuer.roster.faults import Fault, FaultCode
from issuer.roster.health_numbers import create_health_id
from issuer.roster.models import Person
from issuer.roster.repository import PersonRepository
from issuer.roster.roster_file import LineNote, RosterEntry, RosterFile, parse_roster
from vc_core.clock import Clock
from vc_core.coverage import BANGKOK
from vc_core.errors import Conflict, NotFound
from vc_core.web.database import Database

_ATTEMPTS = 3
_TAKEN = Fault(FaultCode.IDENTIFIER_TAKEN, "identifier_value", "another person in the roster has this identifier")


@dataclass(frozen=True)
class ImportResult:
    """How many people an import added, changed and left, with notes on lines of the file."""

    imported: int
    updated: int
    unchanged: int
    problems: Sequence[LineNote]
    warnings: Sequence[LineNote]


class RosterService:
    """The roster."""

    def __init__(self, database: Database, clock: Clock, randomness: Callable[[int], bytes]) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness

    async def import_file(self, content: bytes, by: Principal, *, dry_run: bool = False) -> ImportResult:
        """Takes in every good row of a roster file, in one transaction; with `dry_run` only tells what would become.

        Raises `InvalidRequest` for another kind of file, `Conflict` where other imports keep changing the same people.
        """
        today = datetime.datetime.fromtimestamp(self._clock(), BANGKOK).date()
        roster = await asyncio.to_thread(parse_roster, content, today=today)
        for _ in range(_ATTEMPTS):
            try:
                return await self._save(roster, by, dry_run=dry_run)
            except IntegrityError:
                continue  # an import at the same time added one of these people: look again
        raise Conflict("Other imports are changing the same people; try again.")

    async def person(self, person_id: str) -> Person:
        """The person of this id. Raises `NotFound`."""
        async with self._database.transaction() as session:
            person = await PersonRepository(session).load(person_id)
        if person is None:
            raise NotFound("There is no such person in the roster.")
        return person

    async def page(self, *, after: str, limit: int, search: str = "") -> tuple[Sequence[Person], str | None]:
        """Up to `limit` people whose reference comes after `after`, and where to go on from if there are more.

        `search`: a part of their name, or the beginning of a number; empty for everyone.
        """
        async with self._database.transaction() as session:
            people = await PersonRepository(session).load_page(after=after, limit=limit + 1, search=search)
        if len(people) <= limit:
            return people, None
        return people[:limit], people[limit - 1].person_ref

    async def _save(self, roster: RosterFile, by: Principal, *, dry_run: bool) -> ImportResult:
        entries = roster.entries
        async with self._database.transaction() as session:
            repository = PersonRepository(session)
            known = await repository.load_by_reference([entry.person_ref for entry in entries.values()])
            holders = await repository.load_by_identifier([entry.identifier_value for entry in entries.values()])
            taken = _taken_identifiers(entries, holders)
            changes = _Changes(self._clock(), self._randomness)
            for line, entry in entries.items():
                if line not in taken:
                    changes.add(entry, known.get(entry.person_ref))
            if not dry_run:
                await repository.save(changes.made())
                await self._record(session, changes, by)
        notes = [LineNote(line, (_TAKEN,)) for line in taken]
        problems = sorted([*roster.problems, *notes], key=lambda note: note.line)
        warnings = [note for note in roster.warnings if note.line not in taken]
        return ImportResult(len(changes.imported), len(changes.updated), changes.unchanged, problems, warnings)

    async def _record(self, session: AsyncSession, changes: _Changes, by: Principal) -> None:
        detail = f"{len(changes.imported)} new, {len(changes.updated)} changed"
        await AuditRepository(session).append(by.id, "import_roster", "", "done", now=self._clock(), detail=detail)


class _Changes:
    """What an import makes of its entries: new people, changed people, and a count of the others."""

    def __init__(self, now: int, randomness: Callable[[int], bytes]) -> None:
        self.imported: list[RosterEntry] = []
        self.updated: list[tuple[Person, Mapping[str, Any]]] = []
        self.unchanged = 0
        self._now = now
        self._randomness = randomness

    def add(self, entry: RosterEntry, person: Person | None) -> None:
        values = _known_values(entry)
        if person is None:
            self.imported.append(entry)
        elif all(getattr(person, name) == value for name, value in values.items()):
            self.unchanged += 1
        else:
            self.updated.append((person, values))

    def made(self) -> list[Person]:
        """The new people and the changed ones, as they are to be written."""
        times: dict[str, Any] = {"created_at": self._now, "updated_at": self._now}
        people = [
            Person(id=uuid4().hex, health_id=create_health_id(self._randomness), **times, **_known_values(entry))
            for entry in self.imported
        ]
        for person, values in self.updated:
            person.sqlmodel_update({**values, "updated_at": self._now})
        return [*people, *(person for person, _ in self.updated)]


def _known_values(entry: RosterEntry) -> dict[str, Any]:
    return {name: value for name, value in asdict(entry).items() if value is not None}


def _taken_identifiers(entries: Mapping[int, RosterEntry], holders: Mapping[tuple[str, str], Person]) -> Set[int]:
    """The lines whose identifier belongs to another person already."""
    found = set()
    for line, entry in entries.items():
        holder = holders.get((entry.identifier_system, entry.identifier_value))
        if holder is not None and holder.person_ref != entry.person_ref:
            found.add(line)
    return found
