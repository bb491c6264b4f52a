"""The people, in the database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.roster.models import Person

_BATCH = 500
_ID = re.compile(r"[0-9a-f]{32}\Z")
_NUMBERS = (Person.person_ref, Person.health_id, Person.identifier_value)


class PersonRepository:
    """People within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def load(self, person_id: str) -> Person | None:
        """The person of this id; None where there is none, or the text is no id at all."""
        if not _ID.match(person_id):
            return None
        return await self._session.get(Person, person_id)

    async def lock(self, person_id: str) -> None:
        """Lets what issues to a person and what changes their credentials' statuses take turns until the transaction's
        end (SQLite does so anyway).

        Others may refer to the person meanwhile: a key of another table is no reason to wait.
        """
        query = select(Person.id).where(col(Person.id) == person_id).with_for_update(key_share=True)
        await self._session.exec(query)

    async def load_page(self, *, after: str, limit: int, search: str = "") -> Sequence[Person]:
        """Up to `limit` people whose reference comes after this one.

        `search` is a part of their name in either script, or the beginning of their reference or of one of their
        numbers; empty for everyone.
        """
        query = select(Person).where(col(Person.person_ref) > after).order_by(col(Person.person_ref)).limit(limit)
        if search:
            query = query.where(
                or_(
                    col(Person.name).icontains(search, autoescape=True),
                    col(Person.name_latin).icontains(search, autoescape=True),
                    *(col(column).istartswith(search, autoescape=True) for column in _NUMBERS),
                )
            )
        return (await self._session.exec(query)).all()

    async def load_by_reference(self, references: Sequence[str]) -> dict[str, Person]:
        """Those people of these references that there are."""
        found: dict[str, Person] = {}
        for batch in _batches(references):
            people = await self._session.exec(select(Person).where(col(Person.person_ref).in_(batch)))
            found |= {person.person_ref: person for person in people}
        return found

    async def load_by_identifier(self, values: Sequence[str]) -> dict[tuple[str, str], Person]:
        """People with these numbers, whatever the system, by system and number."""
        found: dict[tuple[str, str], Person] = {}
        for batch in _batches(values):
            people = await self._session.exec(select(Person).where(col(Person.identifier_value).in_(batch)))
            found |= {(person.identifier_system, person.identifier_value): person for person in people}
        return found

    async def save(self, people: Iterable[Person]) -> None:
        """Writes new and changed people. Raises `IntegrityError` where another import was faster."""
        self._session.add_all(people)
        await self._session.flush()


def _batches(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + _BATCH] for start in range(0, len(values), _BATCH))
