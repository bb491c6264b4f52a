"""Whose credentials a job is for, where an officer names people: by any of their numbers, or by their scheme.

A scheme can cover the whole country: its people are never here, the database copies them into the job by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, insert, literal, or_, select
from sqlmodel import col

from issuer.bulk.models import BulkItem, ItemState
from issuer.issuance.models import Issuance
from issuer.roster.models import Person
from vc_core.formats.status_list import Status

_AT_ONCE = 300
"""Numbers or ids in one statement, which SQLite bounds; each number is compared with three columns."""
_ITEMS_AT_ONCE = 1_000
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


def who_can_be_given(
    connection: Connection, person_ids: Sequence[str], credential_type: str, status: Status
) -> Sequence[str]:
    """Those of these people who have a credential of the type that this status would change, in their order."""
    found: set[str] = set()
    for start in range(0, len(person_ids), _AT_ONCE):
        query = select(col(Issuance.person_id)).where(
            col(Issuance.person_id).in_(person_ids[start : start + _AT_ONCE]), *_would_change(credential_type, status)
        )
        found.update(connection.execute(query).scalars())
    return [each for each in person_ids if each in found]


def add_items(connection: Connection, job_id: str, person_ids: Sequence[str]) -> int:
    """One item of the job for each of these people, in their order; returns how many."""
    for start in range(0, len(person_ids), _ITEMS_AT_ONCE):
        portion = enumerate(person_ids[start : start + _ITEMS_AT_ONCE], start)
        rows = [{"job_id": job_id, "number": number, "person_id": person_id} for number, person_id in portion]
        connection.execute(insert(BulkItem), rows)
    return len(person_ids)


def add_items_of_scheme(connection: Connection, job_id: str, scheme: str, credential_type: str, status: Status) -> int:
    """One item of the job for each person of the scheme who can be given the status; returns how many."""
    held = select(col(Issuance.id)).where(
        col(Issuance.person_id) == col(Person.id), *_would_change(credential_type, status)
    )
    number = func.row_number().over(order_by=col(Person.id)) - 1
    people = select(literal(job_id), number, col(Person.id), literal(ItemState.PLANNED.value)).where(
        col(Person.scheme) == scheme, held.exists()
    )
    columns = ["job_id", "number", "person_id", "state"]
    connection.execute(insert(BulkItem).from_select(columns, people))
    added = select(func.count()).select_from(BulkItem).where(col(BulkItem.job_id) == job_id)
    return connection.execute(added).scalar_one()


def _would_change(credential_type: str, status: Status) -> list[ColumnElement[bool]]:
    """Which credentials are of the type, and would be changed by this status."""
    return [
        col(Issuance.credential_type) == credential_type,
        col(Issuance.status).not_in([Status.INVALID.value, status.value]),
    ]
