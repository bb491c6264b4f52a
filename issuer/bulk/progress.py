"""The steps of an item in the database: planned, recorded as an issuance, signed. Each step happens once.

A batch is recorded, with an entry of a status list for each credential, and committed before anything of it is signed.
Whatever dies where: what was recorded and not signed is signed by the next run from its row, and nothing is recorded
twice, since a state changes by one conditional UPDATE in the transaction that writes what it stands for.
"""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, delete, func, insert, select, update
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
from vc_core.formats.credential import CredentialFormat
from vc_core.formats.qr_pass import PassTooLong
from vc_core.formats.status_list import Status
from vc_core.web.logs import log_failure

UNSIGNABLE = (ProtocolError, LookupError, TypeError, ValueError)
"""What is raised of an item that can't be issued, whoever tries and however often."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RecordedItem:
    """An item whose issuance is committed, with all that signing needs; it goes to another process."""

    number: int
    issuance: Mapping[str, Any]
    person: Mapping[str, Any]
    portrait: bytes | None = None


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
    people = _lock_people(connection, {item["person_id"] for item in items})
    withdrawn = _withdrawn(connection, job, people)
    drafts: list[tuple[int, dict[str, Any]]] = []
    for item in items:
        draft = _draft(job, item, people, configurations, key, now)
        if not isinstance(draft, ItemFailure) and {(item["person_id"], None), _holding(item)} & withdrawn:
            draft = ItemFailure.WITHDRAWN
        if isinstance(draft, ItemFailure):
            refuse(connection, job, item["number"], draft)
        else:
            drafts.append((item["number"], draft))
    by_issuer: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for _, draft in drafts:
        by_issuer[key.issuer(CredentialFormat(draft["format"]))].append(draft)
    for issuer, of_issuer in by_issuer.items():
        places = allocate_block(connection, issuer, len(of_issuer), randomness)
        for draft, place in zip(of_issuer, places, strict=True):
            draft |= {"list_id": place.list_id, "status_index": place.index}
    if drafts:
        connection.execute(insert(Issuance), [draft for _, draft in drafts])
    portraits = _portraits(connection, job, people)
    return [
        RecordedItem(number, draft, people[draft["person_id"]], portraits.get(draft["person_id"]))
        for number, draft in drafts
    ]


def _take(connection: Connection, job: BulkJob, size: int) -> list[Mapping[str, Any]]:
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
    return sorted((dict(row) for row in taken.mappings()), key=lambda item: item["number"])


_Holding: TypeAlias = tuple[str, tuple[str, str] | None]
"""A person, and by configuration and key which of their credentials; None for all of them."""


def _holding(row: Mapping[str, Any]) -> _Holding:
    return row["person_id"], (row["configuration_id"], row["holder_thumbprint"])


def _lock_people(connection: Connection, ids: Set[str]) -> dict[str, dict[str, Any]]:
    """The people by id. Until the transaction's end an officer's change of their statuses waits, or we for it."""
    query = select(Person).where(col(Person.id).in_(ids)).order_by(col(Person.id)).with_for_update(key_share=True)
    return {row["id"]: dict(row) for row in connection.execute(query).mappings()}


def _portraits(connection: Connection, job: BulkJob, people: Iterable[str]) -> dict[str, bytes]:
    """The people's portraits, where credentials of the job's type have any."""
    credential_type = type_named(job.credential_type)
    if credential_type is None or PORTRAIT not in credential_type.claims:
        return {}
    return load_portraits(connection, people)


def _withdrawn(connection: Connection, job: BulkJob, people: Iterable[str]) -> set[_Holding]:
    """What an officer has withdrawn since the job was planned: who has anything of the type suspended gets nothing new
    of it, and a credential whose newest copy was revoked has no successor.
    """
    query = (
        select(
            col(Issuance.person_id),
            col(Issuance.configuration_id),
            col(Issuance.holder_thumbprint),
            col(Issuance.status),
        )
        .where(col(Issuance.person_id).in_(people), col(Issuance.credential_type) == job.credential_type)
        .order_by(col(Issuance.expires_at), col(Issuance.issued_at), col(Issuance.id))
    )
    rows = [dict(row) for row in connection.execute(query).mappings()]
    newest = {_holding(row): row["status"] for row in rows}
    suspended: set[_Holding] = {(row["person_id"], None) for row in rows if row["status"] == Status.SUSPENDED.value}
    return suspended | {holding for holding, status in newest.items() if status == Status.INVALID.value}


def issuance_id(job_id: str, number: int) -> str:
    """The id of an item's issuance: the same whoever records it, so that the primary key lets it in only once."""
    return hashlib.sha256(f"{job_id}/{number}".encode("ascii")).hexdigest()[:32]


def _draft(
    job: BulkJob,
    item: Mapping[str, Any],
    people: Mapping[str, Mapping[str, Any]],
    configurations: Mapping[str, Configuration],
    key: IssuingKey,
    now: int,
) -> dict[str, Any] | ItemFailure:
    """The issuance but for its place in a status list, or why there is nothing to issue any more."""
    configuration, person = configurations.get(item["configuration_id"]), people.get(item["person_id"])
    if configuration is None:
        return ItemFailure.NOT_OFFERED
    if person is None:
        return ItemFailure.LEFT_ROSTER
    try:
        claims = roster_claims(person, configuration)
        configuration.check(claims)
        expires_at = expiry_of(claims, configuration.credential_type, issued_at=now)
    except UNSIGNABLE as cause:
        return failure_of(cause)
    return {
        "id": issuance_id(job.id, item["number"]),
        "authorization_id": None,
        "configuration_id": configuration.id,
        "person_id": item["person_id"],
        "credential_type": configuration.credential_type.name,
        "format": configuration.format.value,
        "holder_thumbprint": item["holder_thumbprint"],
        "holder_jwk": item["holder_jwk"],
        "verification_method": key.verification_method,
        "status": 0,
        "issued_at": now,
        "expires_at": expires_at,
    }


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
    connection: Connection, job: BulkJob, key: IssuingKey, *, after: int, size: int
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
    connection.execute(
        update(Issuance)
        .where(col(Issuance.id).in_(numbers), col(Issuance.verification_method) != key.verification_method)
        .values(verification_method=key.verification_method)
    )
    issuances = connection.execute(select(Issuance).where(col(Issuance.id).in_(numbers))).mappings().all()
    wanted = {row["person_id"] for row in issuances}
    people = {
        row["id"]: dict(row) for row in connection.execute(select(Person).where(col(Person.id).in_(wanted))).mappings()
    }
    portraits = _portraits(connection, job, wanted)
    found = [
        RecordedItem(numbers[row["id"]], dict(row), people[row["person_id"]], portraits.get(row["person_id"]))
        for row in issuances
    ]
    return sorted(found, key=lambda item: item.number)


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
            signed[item.number] = (item, outcome)
    return _save_credentials(connection, job, signed)


def _refuse_recorded(connection: Connection, job: BulkJob, item: RecordedItem, failure: ItemFailure) -> None:
    """Refuses an item and takes back its issuance, of which there is no credential, if no other process was quicker."""
    recorded = update(BulkItem).where(
        col(BulkItem.job_id) == job.id, col(BulkItem.number) == item.number, col(BulkItem.state) == ItemState.RECORDED
    )
    refused = recorded.values(state=ItemState.REFUSED.value, failure=failure.value)
    if connection.execute(refused).rowcount == 1:
        connection.execute(delete(Issuance).where(col(Issuance.id) == item.issuance["id"]))


def _save_credentials(connection: Connection, job: BulkJob, by_number: Mapping[int, tuple[RecordedItem, str]]) -> int:
    signed = connection.execute(
        update(BulkItem)
        .where(
            col(BulkItem.job_id) == job.id,
            col(BulkItem.number).in_(by_number),
            col(BulkItem.state) == ItemState.RECORDED,
        )
        .values(state=ItemState.SIGNED.value)
        .returning(col(BulkItem.number))
    )
    rows = []
    for (number,) in signed:
        item, credential = by_number[number]
        rows.append(
            {
                "issuance_id": item.issuance["id"],
                "holder_thumbprint": item.issuance["holder_thumbprint"],
                "credential": credential,
                "expires_at": item.issuance["expires_at"],
            }
        )
    if rows:
        connection.execute(insert(WaitingCredential), rows)
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
