"""Whose credentials a job is for, where an officer names people: by any of their numbers, or by their scheme."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select
from sqlmodel import col

from issuer.issuance.models import Issuance
from issuer.roster.models import Person
from vc_core.formats.status_list import Status

_AT_ONCE = 300
"""Numbers or ids in one statement, which SQLite bounds; each number is compared with three columns."""
_NUMBERS = (Person.person_ref, Person.health_id, Person.identifier_value)


@dataclass(frozen=True)
class Selection:
    """People by id, and the places in the officer's list of numbers that nobody has, or more than one person."""

    person_ids: Sequence[str]
    not_found: Sequence[int]


def select_by_numbers(connection: Connection, numbers: Sequence[str]) -> Selection:
    """Who has these references, health numbers or identity numbers; each person once, in the order of the list."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for start in range(0, len(numbers), _AT_ONCE):
        wanted = set(numbers[start : start + _AT_ONCE])
        columns = [col(column) for column in _NUMBERS]
        query = select(col(Person.id), *columns).where(or_(*(column.in_(wanted) for column in columns)))
        for person_id, *values in connection.execute(query):
            for value in wanted.intersection(values):
                owners[value].add(person_id)
    found = dict.fromkeys(next(iter(owners[each])) for each in numbers if len(owners[each]) == 1)
    return Selection(list(found), [place for place, each in enumerate(numbers) if len(owners[each]) != 1])


def select_by_scheme(connection: Connection, scheme: str) -> Selection:
    """Everybody whom this scheme covers."""
    query = select(col(Person.id)).where(col(Person.scheme) == scheme).order_by(col(Person.id))
    return Selection(list(connection.execute(query).scalars()), [])


def who_can_be_given(
    connection: Connection, person_ids: Sequence[str], credential_type: str, status: Status
) -> Sequence[str]:
    """Those of these people who have a credential of the type that this status would change, in their order."""
    found: set[str] = set()
    for start in range(0, len(person_ids), _AT_ONCE):
        query = select(col(Issuance.person_id)).where(
            col(Issuance.person_id).in_(person_ids[start : start + _AT_ONCE]),
            col(Issuance.credential_type) == credential_type,
            col(Issuance.status).not_in([Status.INVALID.value, status.value]),
        )
        found.update(connection.execute(query).scalars())
    return [each for each in person_ids if each in found]
