"""The steps of an item in the database: planned, recorded as an issuance, signed. Each step happens once.

A batch is recorded, with an entry of a status list for each credential, and committed before anything of it is signed.
Whatever dies where: what was recorded and not signed is signed by the next run from its row, and nothing is recorded
twice, since a state changes by one conditional UPDATE in the transaction that writes what it stands for.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, Row, delete, func, select, update
from sqlmodel import col

from issuer.bulk.models import BulkItem, BulkJob, ItemFailure, ItemState, JobState, WaitingCredential
from issuer.issuance.claims import expiry_of, roster_claims
from issuer.issuance.configurations import Configuration
from issuer.issuance.models import Issuance
from issuer.keys import IssuingKey
from issuer.portraits.repository import load_portraits
from issuer.roster.models import Person
from issuer.status.allocation import allocate_block
from vc_core.credential_types import type_named
from vc_core.credential_types.definition import InvalidClaims
from vc_core.credential_types.person import PORTRAIT
from vc_core.errors import Conflict, InvalidRequest, NotFound, ProtocolError
from vc_core.formats.qr_pass import PassTooLong
from vc_core.formats.status_list import Status
from vc_core.web.database import insert_rows, is_among
from vc_core.web.logs import log_failure

UNSIGNABLE = (ProtocolError, LookupError, TypeError, ValueError)
"""What is raised of an item that can't be issued, whoever tries and however often."""
_Row: TypeAlias = Row[*tuple[Any, ...]]
_log = logging.getLogger(__name__)


class RecordedItem(NamedTuple):
    """An item whose issuance is committed, with all that signing and keeping it needs; it goes to another process.

    `claims` are what the credential says, or why there can be none.
    """

    number: int
    issuance_id: str
    configuration_id: str
    claims: Mapping[str, Any] | ItemFailure
    list_id: str
    status_index: int
    issued_at: int
    expires_at: int
    holder_thumbprint: str
    holder_jwk: str


def record_batch(
    connection: Connection,
    job: BulkJob,
    configurations: Mapping[str, Configuration],
    key: IssuingKey,
    *,
    size: int,
    now: int,
    randomness: Callable[[int], bytes],
) -> list[RecordedItem] | None:
    """Records the next `size` planned items; those that can't be issued any more are refused. None when all are done.

    Raises `IntegrityError` where another process took the same entry of a status list; nothing is recorded then.
    """
    items = _take(connection, job, size)
    if not items:
        return None if count_items(connection, job)[ItemState.PLANNED] == 0 else []
    people = _load_people(connection, {item.person_id for item in items}, lock=True)
    withdrawn = _withdrawn(connection, job, people)
    portraits = _portraits(connection, job, people)
    drafts: defaultdict[str, list[_Draft]] = defaultdict(list)
    for item in items:
        configuration, person = configurations.get(item.configuration_id), people.get(item.person_id)
        draft = _draft(item, configuration, person, portraits.get(item.person_id), now)
        if isinstance(draft, _Draft) and withdrawn and {(item.person_id, None), _holding(item)} & withdrawn:
            draft = ItemFailure.WITHDRAWN
        if isinstance(draft, ItemFailure):
            refuse(connection, job, item.number, draft)
        else:
            drafts[item.configuration_id].append(draft)
    # An issuer's lists stay locked until the commit: whoever locks those of several, locks them in the issuers' order.
    in_order = sorted(drafts, key=lambda configuration_id: key.issuer(configurations[configuration_id].format))
    return [
        recorded
        for each in in_order
        for recorded in _record(connection, job, configurations[each], key, drafts[each], now, randomness)
    ]


def _take(connection: Connection, job: BulkJob, size: int) -> Sequence[_Row]:
    """The next planned items, marked as recorded: another process that looks at the same ones gets none of them."""
    planned = (
        select(col(BulkItem.number))
        .where(col(BulkItem.job_id) == job.id, col(BulkItem.state) == ItemState.PLANNED)
        .order_by(col(BulkItem.number))
        .limit(size)
    )
    taken = connection.execute(
        update(BulkItem)
        .where(
            col(BulkItem.job_id) == job.id,
            col(BulkItem.number).in_(planned.scalar_subquery()),
            col(BulkItem.state) == ItemState.PLANNED,
        )
        .values(state=ItemState.RECORDED.value)
        .returning(
            col(BulkItem.number),
            col(BulkItem.person_id),
            col(BulkItem.configuration_id),
            col(BulkItem.holder_thumbprint),
            col(BulkItem.holder_jwk),
        )
    )
    return sorted(taken.all(), key=itemgetter(0))


_Holding: TypeAlias = tuple[str, tuple[str, str] | None]
"""A person, and by configuration and key which of their credentials; None for all of them."""


def _holding(row: _Row) -> _Holding:
    return row.person_id, (row.configuration_id, row.holder_thumbprint)


def _load_people(connection: Connection, ids: Set[str], *, lock: bool = False) -> dict[str, Mapping[str, Any]]:
    """The people by id. With `lock`, an officer's change of their statuses waits for the transaction, or we for it."""
    query = select(Person).where(is_among(connection, col(Person.id), ids)).order_by(col(Person.id))
    found = connection.execute(query.with_for_update(key_share=True) if lock else query)
    names = tuple(found.keys())
    return {person["id"]: person for person in (dict(zip(names, row, strict=True)) for row in found)}


def _portraits(connection: Connection, job: BulkJob, people: Collection[str]) -> dict[str, bytes]:
    """The people's portraits, where credentials of the job's type have any."""
    credential_type = type_named(job.credential_type)
    if credential_type is None or PORTRAIT not in credential_type.claims:
        return {}
    return load_portraits(connection, people)


def _withdrawn(connection: Connection, job: BulkJob, people: Collection[str]) -> set[_Holding]:
    """What an officer has withdrawn since the job was planned: who has anything of the type suspended gets nothing new
    of it, and a credential whose newest copy was revoked has no successor.
    """
    of_type = col(Issuance.credential_type) == job.credential_type
    not_valid = select(col(Issuance.person_id)).where(
        is_among(connection, col(Issuance.person_id), people), of_type, col(Issuance.status) != Status.VALID.value
    )
    concerned = connection.execute(not_valid).scalars().all()  # a few, if anybody
    if not concerned:
        return set()
    query = (
        select(
            col(Issuance.person_id),
            col(Issuance.configuration_id),
            col(Issuance.holder_thumbprint),
            col(Issuance.status),
        )
        .where(is_among(connection, col(Issuance.person_id), concerned), of_type)
        .order_by(col(Issuance.expires_at), col(Issuance.issued_at), col(Issuance.id))
    )
    rows = connection.execute(query).all()
    newest = {_holding(row): row.status for row in rows}
    suspended: set[_Holding] = {(row.person_id, None) for row in rows if row.status == Status.SUSPENDED.value}
    return suspended | {holding for holding, status in newest.items() if status == Status.INVALID.value}


def issuance_id(job_id: str, number: int) -> str:
    """The id of an item's issuance: the same whoever records it, so that the primary key lets it in only once.

    Neighbours in the job are so in the index, and share pages to write.
    """
    return f"{job_id[:22]}{number:010d}"


class _Draft(NamedTuple):
    """What is to be issued for an item, but for its place in a status list."""

    item: _Row
    claims: Mapping[str, Any]
    expires_at: int


def _draft(
    item: _Row,
    configuration: Configuration | None,
    person: Mapping[str, Any] | None,
    portrait: bytes | None,
    now: int,
) -> _Draft | ItemFailure:
    """What is to be issued, or why there is nothing to issue any more."""
    if configuration is None:
        return ItemFailure.NOT_OFFERED
    if person is None:
        return ItemFailure.LEFT_ROSTER
    try:
        claims = roster_claims(person, configuration, portrait=portrait)
        configuration.check(claims)
        return _Draft(item, claims, expiry_of(claims, configuration.credential_type, issued_at=now))
    except UNSIGNABLE as cause:
        return failure_of(cause)


def _record(
    connection: Connection,
    job: BulkJob,
    configuration: Configuration,
    key: IssuingKey,
    drafts: Sequence[_Draft],
    now: int,
    randomness: Callable[[int], bytes],
) -> list[RecordedItem]:
    """Writes the issuances of drafts in one configuration, each with an entry of a status list."""
    places = allocate_block(connection, key.issuer(configuration.format), len(drafts), randomness)
    same = (configuration.id, configuration.credential_type.name, configuration.format.value, key.verification_method)
    rows, recorded = [], []
    for (item, claims, expires_at), place in zip(drafts, places, strict=True):
        number, person_id, _, thumbprint, jwk = item
        new_id, where = issuance_id(job.id, number), (place.list_id, place.index)
        rows.append((new_id, person_id, thumbprint, jwk, *where, Status.VALID.value, now, expires_at, *same))
        terms = (claims, *where, now, expires_at, thumbprint, jwk)
        recorded.append(RecordedItem(number, new_id, configuration.id, *terms))
    insert_rows(connection, Issuance, _COLUMNS, rows)
    return recorded


_COLUMNS = (
    *("id", "person_id", "holder_thumbprint", "holder_jwk", "list_id", "status_index", "status"),
    *("issued_at", "expires_at", "configuration_id", "credential_type", "format", "verification_method"),
)


_FAILURES: tuple[tuple[type[Exception], ItemFailure], ...] = (
    (PassTooLong, ItemFailure.TOO_LONG),
    (InvalidClaims, ItemFailure.INCOMPLETE),
    (ProtocolError, ItemFailure.COVERAGE_ENDED),
    (NotFound, ItemFailure.NOTHING_ISSUED),
    (Conflict, ItemFailure.REVOKED),
    (InvalidRequest, ItemFailure.NOT_OFFERED),
)


def failure_of(cause: Exception) -> ItemFailure:
    """Why an item is refused, for what was raised of it; the log has where it was, if nobody foresaw it."""
    for raised, failure in _FAILURES:
        if isinstance(cause, raised):
            return failure
    log_failure(_log, "an item of a job can't be done", cause)
    return ItemFailure.FAULTY


def refuse(connection: Connection, job: BulkJob, number: int, failure: ItemFailure) -> None:
    """Ends an item that can't be done, and says why."""
    item = update(BulkItem).where(col(BulkItem.job_id) == job.id, col(BulkItem.number) == number)
    connection.execute(item.values(state=ItemState.REFUSED.value, failure=failure.value))


def load_unsigned(
    connection: Connection,
    job: BulkJob,
    configurations: Mapping[str, Configuration],
    key: IssuingKey,
    *,
    after: int,
    size: int,
) -> list[RecordedItem]:
    """Items after that number which were recorded and not signed: what a run that died left behind.

    They are signed by `key`, whichever they were recorded for.
    """
    query = (
        select(col(BulkItem.number))
        .where(
            col(BulkItem.job_id) == job.id,
            col(BulkItem.state) == ItemState.RECORDED,
            col(BulkItem.number) > after,
        )
        .order_by(col(BulkItem.number))
        .limit(size)
    )
    numbers = {issuance_id(job.id, number): number for number in connection.execute(query).scalars()}
    left = is_among(connection, col(Issuance.id), numbers)
    connection.execute(
        update(Issuance)
        .where(left, col(Issuance.verification_method) != key.verification_method)
        .values(verification_method=key.verification_method)
    )
    issuances = connection.execute(select(Issuance).where(left)).all()
    people = _load_people(connection, {row.person_id for row in issuances})
    portraits = _portraits(connection, job, people)
    found = [
        RecordedItem(
            numbers[row.id],
            row.id,
            row.configuration_id,
            _claims(configurations.get(row.configuration_id), people[row.person_id], portraits.get(row.person_id)),
            *(row.list_id, row.status_index, row.issued_at, row.expires_at, row.holder_thumbprint, row.holder_jwk),
        )
        for row in issuances
    ]
    return sorted(found, key=itemgetter(0))


def _claims(
    configuration: Configuration | None, person: Mapping[str, Any], portrait: bytes | None
) -> Mapping[str, Any] | ItemFailure:
    """What a recorded item is to say; whether it can is found out when it is signed."""
    try:
        return (
            ItemFailure.NOT_OFFERED
            if configuration is None
            else roster_claims(person, configuration, portrait=portrait)
        )
    except UNSIGNABLE as cause:
        return failure_of(cause)


def save_signed(
    connection: Connection, job: BulkJob, batch: Sequence[RecordedItem], outcomes: Sequence[str | ItemFailure]
) -> int:
    """Keeps the credentials for their wallets, but for those that another process kept already; returns how many.

    What could not be signed is refused.
    """
    signed = {}
    for item, outcome in zip(batch, outcomes, strict=True):
        if isinstance(outcome, ItemFailure):
            _refuse_recorded(connection, job, item, outcome)
        else:
            signed[item.number] = (item.issuance_id, item.holder_thumbprint, item.expires_at, outcome)
    return _save_credentials(connection, job, signed)


def _refuse_recorded(connection: Connection, job: BulkJob, item: RecordedItem, failure: ItemFailure) -> None:
    """Refuses an item and takes back its issuance, of which there is no credential, if no other process was quicker."""
    recorded = update(BulkItem).where(
        col(BulkItem.job_id) == job.id, col(BulkItem.number) == item.number, col(BulkItem.state) == ItemState.RECORDED
    )
    refused = recorded.values(state=ItemState.REFUSED.value, failure=failure.value)
    if connection.execute(refused).rowcount == 1:
        connection.execute(delete(Issuance).where(col(Issuance.id) == item.issuance_id))


def _save_credentials(connection: Connection, job: BulkJob, by_number: Mapping[int, tuple[str, str, int, str]]) -> int:
    signed = connection.execute(
        update(BulkItem)
        .where(
            col(BulkItem.job_id) == job.id,
            is_among(connection, col(BulkItem.number), by_number),
            col(BulkItem.state) == ItemState.RECORDED,
        )
        .values(state=ItemState.SIGNED.value)
        .returning(col(BulkItem.number))
    )
    rows = [by_number[number] for number in signed.scalars()]
    columns = ("issuance_id", "holder_thumbprint", "expires_at", "credential")
    insert_rows(connection, WaitingCredential, columns, rows)
    return len(rows)


def count_items(connection: Connection, job: BulkJob) -> dict[ItemState, int]:
    """How many items of a job are in which state."""
    query = (
        select(col(BulkItem.state), func.count()).where(col(BulkItem.job_id) == job.id).group_by(col(BulkItem.state))
    )
    counted = {ItemState(row[0]): int(row[1]) for row in connection.execute(query)}
    return {state: counted.get(state, 0) for state in ItemState}


def finish(connection: Connection, job: BulkJob, *, now: int) -> bool:
    """Marks a job as finished; False where something of it is still to be done."""
    counted = count_items(connection, job)
    if counted[ItemState.PLANNED] or counted[ItemState.RECORDED]:
        return False
    open_job = update(BulkJob).where(col(BulkJob.id) == job.id, col(BulkJob.finished_at).is_(None))
    connection.execute(open_job.values(finished_at=now, state=JobState.FINISHED.value))
    return True
