"""Jobs in the database: listing them, and their way from planned to over. Each step happens once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update
from sqlmodel import col

from issuer.bulk.models import BulkItem, BulkJob, ItemFailure, ItemState, JobKind, JobState
from issuer.bulk.progress import count_items
from issuer.proposals.models import Proposal, ProposalState
from issuer.roster.models import Person

LISTED = 100
FAILURES_LISTED = 1_000


@dataclass(frozen=True)
class JobProgress:
    """A job, how many of its items are done, and how many were refused; `approved`: it has begun under four eyes."""

    job: BulkJob
    done: int
    refused: int
    approved: bool = False


@dataclass(frozen=True)
class FailedItem:
    """For whom an item was refused, and why (an `ItemFailure`)."""

    person_id: str
    person_ref: str
    name: str
    failure: str


def load_progress(connection: Connection, job_id: str) -> JobProgress | None:
    """The job of this id, and how far it is."""
    row = connection.execute(select(BulkJob).where(col(BulkJob.id) == job_id)).mappings().first()
    return None if row is None else _progress(connection, BulkJob(**row))


def load_newest(connection: Connection) -> list[JobProgress]:
    """The newest jobs, and how far each is."""
    query = select(BulkJob).order_by(col(BulkJob.created_at).desc(), col(BulkJob.id)).limit(LISTED)
    return [_progress(connection, BulkJob(**row)) for row in connection.execute(query).mappings()]


def load_running(connection: Connection) -> list[BulkJob]:
    """The jobs of the office that are to be worked on, the oldest first."""
    running = select(BulkJob).where(col(BulkJob.state) == JobState.RUNNING, col(BulkJob.created_by).is_not(None))
    rows = connection.execute(running.order_by(col(BulkJob.created_at), col(BulkJob.id))).mappings()
    return [BulkJob(**row) for row in rows]


def load_failures(connection: Connection, job_id: str) -> Sequence[FailedItem]:
    """The first items that were refused."""
    query = (
        select(col(BulkItem.person_id), col(Person.person_ref), col(Person.name), col(BulkItem.failure))
        .join(Person, col(Person.id) == col(BulkItem.person_id))
        .where(col(BulkItem.job_id) == job_id, col(BulkItem.state) == ItemState.REFUSED)
        .order_by(col(BulkItem.number))
        .limit(FAILURES_LISTED)
    )
    return [FailedItem(*row[:3], failure=row[3] or ItemFailure.INCOMPLETE) for row in connection.execute(query)]


def load_planned(connection: Connection, job: BulkJob, *, size: int) -> list[tuple[int, str]]:
    """The next items that nobody has begun: their numbers, and for whom they are."""
    planned = (
        select(col(BulkItem.number), col(BulkItem.person_id))
        .where(col(BulkItem.job_id) == job.id, col(BulkItem.state) == ItemState.PLANNED)
        .order_by(col(BulkItem.number))
        .limit(size)
    )
    return [(number, person_id) for number, person_id in connection.execute(planned)]


def take_planned(connection: Connection, job: BulkJob, number: int) -> bool:
    """Marks a planned item as done, in the transaction that does it; False where another process has it."""
    planned = update(BulkItem).where(
        col(BulkItem.job_id) == job.id, col(BulkItem.number) == number, col(BulkItem.state) == ItemState.PLANNED
    )
    return connection.execute(planned.values(state=ItemState.DONE.value)).rowcount == 1


def end_entitlements(connection: Connection, job_id: str) -> None:
    """Has a revocation end the entitlements of its people too."""
    connection.execute(update(BulkJob).where(col(BulkJob.id) == job_id).values(ends_entitlement=True))


def change_state(connection: Connection, job_id: str, to: JobState, *, where: Collection[JobState], now: int) -> bool:
    """Moves a job of the office that is in one of these states to another; False where it is not."""
    over = {"finished_at": now} if to is JobState.CANCELLED else {}
    changed = connection.execute(
        update(BulkJob)
        .where(col(BulkJob.id) == job_id, col(BulkJob.state).in_(where), col(BulkJob.created_by).is_not(None))
        .values(state=to.value, **over)
    )
    return changed.rowcount == 1


def _progress(connection: Connection, job: BulkJob) -> JobProgress:
    counted = count_items(connection, job)
    approved = job.kind != JobKind.RENEW and _is_approved(connection, job)
    return JobProgress(job, counted[ItemState.DONE], counted[ItemState.REFUSED], approved)


def _is_approved(connection: Connection, job: BulkJob) -> bool:
    decided = select(col(Proposal.id)).where(
        col(Proposal.record_id) == job.id,
        col(Proposal.state) == ProposalState.DONE,
        col(Proposal.decided_by).is_not(None),
    )
    return connection.execute(decided.limit(1)).first() is not None
