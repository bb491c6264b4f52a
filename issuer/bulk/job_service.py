"""The office's jobs: planned first, so that somebody sees how many people they are for, then begun by a second step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.access import Principal
from issuer.audit.repository import AuditRepository
from issuer.bulk.jobs import (
    FailedItem,
    JobProgress,
    change_state,
    end_entitlements,
    load_failures,
    load_newest,
    load_progress,
)
from issuer.bulk.models import BulkJob, JobKind, JobState
from issuer.bulk.planning import Scope, create_job, open_job
from issuer.bulk.selection import add_items, add_items_of_scheme, select_by_numbers, who_can_be_given
from issuer.officers.roles import OfficeRole
from issuer.proposals.actions import OfficeAction, ReasonedAction
from issuer.roster.repository import PersonRepository
from vc_core.clock import Clock
from vc_core.credential_types.definition import CredentialType, StatusPolicy
from vc_core.errors import Conflict, Forbidden, InvalidRequest, NotFound
from vc_core.formats.status_list import Status
from vc_core.web.database import Database

Result = TypeVar("Result")
_FOR_EVER = 2**62
STATUS_OF = {JobKind.SUSPEND: Status.SUSPENDED, JobKind.RESTORE: Status.VALID, JobKind.REVOKE: Status.INVALID}
ACTION_OF = {
    JobKind.SUSPEND: OfficeAction.SUSPEND_MANY,
    JobKind.RESTORE: OfficeAction.RESTORE_MANY,
    JobKind.REVOKE: OfficeAction.REVOKE_MANY,
}
"""What beginning a job of this kind is called where it takes a reason."""


@dataclass(frozen=True)
class PlannedJob:
    """A job that nobody has begun, None where there is nothing to do; and whom of the officer's list it leaves out.

    `not_found` are places in the list whose number nobody has, or more than one person.
    """

    progress: JobProgress | None
    not_found: Sequence[int] = ()


class JobService:
    """Jobs as officers plan, begin, pause and follow them."""

    def __init__(self, database: Database, credential_types: Mapping[str, CredentialType], clock: Clock) -> None:
        """`credential_types`: those that are issued here, by name."""
        self._database = database
        self._credential_types = credential_types
        self._clock = clock

    async def plan_renewal(
        self, type_name: str, scope: Scope, by: Principal, *, ending_within: int | None
    ) -> PlannedJob:
        """Renewals of what ends within so many seconds (None: whenever it ends) and can be longer.

        Raises `InvalidRequest` for a type that is not issued here or has no status, `Conflict` where the same is
        planned or under way.
        """
        definition, now = self._definition(type_name), self._clock()

        def work(connection: Connection) -> JobProgress | None:
            if open_job(connection, definition, scope) is not None:
                raise Conflict("The same renewal is planned or under way already.")
            ending_before = _FOR_EVER if ending_within is None else now + ending_within
            job = create_job(
                connection,
                definition,
                ending_before=ending_before,
                now=now,
                scope=scope,
                state=JobState.PLANNED,
                created_by=by.id,
            )
            return JobProgress(job, 0, 0) if job.total else None

        async def recorded(session: AsyncSession) -> JobProgress | None:
            planned = await _run(session, work)
            await self._record(session, planned, "plan", by)
            return planned

        return PlannedJob(await self._database.transact(recorded))

    async def renew_person(self, type_name: str, person_id: str, by: Principal) -> JobProgress:
        """Renews one person's credentials of a type now.

        Raises as `plan_renewal`, `NotFound` where there is no such person, and `Conflict` where nothing can be longer.
        """
        async with self._database.transaction() as session:
            if await PersonRepository(session).load(person_id) is None:
                raise NotFound("There is no such person in the roster.")
        planned = await self.plan_renewal(type_name, Scope(person_id=person_id), by, ending_within=None)
        if planned.progress is None:
            raise Conflict("There is nothing to renew: what they hold is withdrawn, or the roster has no later end.")
        return await self.start(planned.progress.job.id, by)

    async def plan_status_change(
        self, kind: JobKind, type_name: str, by: Principal, *, numbers: Sequence[str] = (), scheme: str | None = None
    ) -> PlannedJob:
        """A change of the status of the credentials of the people with these numbers, or of one scheme.

        Raises `InvalidRequest` for a type that is not issued here or has no status.
        """
        name, status = self._definition(type_name).name, STATUS_OF[kind]

        def work(connection: Connection) -> PlannedJob:
            job = self._save(connection, kind, name, by)
            not_found: Sequence[int] = ()
            if scheme is None:
                chosen = select_by_numbers(connection, numbers)
                not_found = chosen.not_found
                people = who_can_be_given(connection, chosen.person_ids, name, status)
                job.total = add_items(connection, job.id, people)
            else:
                job.total = add_items_of_scheme(connection, job.id, scheme, name, status)
            return PlannedJob(_counted(connection, job), not_found)

        async def recorded(session: AsyncSession) -> PlannedJob:
            planned = await _run(session, work)
            await self._record(session, planned.progress, "plan", by)
            return planned

        return await self._database.transact(recorded)

    async def jobs(self) -> list[JobProgress]:
        """The newest jobs."""
        async with self._database.transaction() as session:
            return await _run(session, load_newest)

    async def job(self, job_id: str) -> JobProgress:
        """How far a job is. Raises `NotFound`."""
        async with self._database.transaction() as session:
            return await _load(session, job_id)

    async def failures(self, job_id: str) -> Sequence[FailedItem]:
        """For whom it could not be done. Raises `NotFound`."""
        async with self._database.transaction() as session:
            await _load(session, job_id)
            return await _run(session, lambda connection: load_failures(connection, job_id))

    async def start(self, job_id: str, by: Principal) -> JobProgress:
        """Begins a renewal, or goes on with a job that was paused.

        Raises `NotFound`, and `Conflict` where it is neither: changes of a status are begun by a `ReasonedAction`.
        """
        async with self._database.transaction() as session:
            progress = await _load(session, job_id)
            waits = progress.job.kind == JobKind.RENEW
            await self._change(session, job_id, JobState.RUNNING, [JobState.PAUSED, *[JobState.PLANNED] * waits])
            await self._record(session, progress, "start", by)
            return await _load(session, job_id)

    async def pause(self, job_id: str, by: Principal) -> JobProgress:
        """Stops a job after the items that are under way. Raises `NotFound`, `Conflict` where it does not run."""
        async with self._database.transaction() as session:
            progress = await _load(session, job_id)
            await self._change(session, job_id, JobState.PAUSED, [JobState.RUNNING])
            await self._record(session, progress, "pause", by)
            return await _load(session, job_id)

    async def cancel(self, job_id: str, by: Principal) -> JobProgress:
        """Ends a job that does not run; what was done stays.

        What two people began one officer must not undo: such a job an approver ends, and others an officer.

        Raises `NotFound`, `Forbidden` to another role, `Conflict` where it runs or is over.
        """
        async with self._database.transaction() as session:
            progress = await _load(session, job_id)
            if (OfficeRole.APPROVER if progress.approved else OfficeRole.OFFICER) not in by.roles:
                raise Forbidden("What has begun under four eyes an approver ends, and other jobs an officer.")
            # Only from the state that was looked at: what is approved meanwhile has begun, and is another's to end.
            where = {JobState.PLANNED, JobState.PAUSED} & {JobState(progress.job.state)}
            await self._change(session, job_id, JobState.CANCELLED, where)
            await self._record(session, progress, "cancel", by)
            return await _load(session, job_id)

    def actions(self) -> dict[OfficeAction, ReasonedAction]:
        """Beginning a change of many people's statuses: the record is the job."""
        return dict.fromkeys(ACTION_OF.values(), _BeginJob(self))

    async def begin(self, session: AsyncSession, job_id: str, *, ends_entitlement: bool) -> int:
        """Begins a planned job; returns for how many people. Raises `NotFound`, `Conflict` where it is not planned."""
        progress = await _load(session, job_id)
        await self._change(session, job_id, JobState.RUNNING, [JobState.PLANNED])
        if ends_entitlement:
            await _run(session, lambda connection: end_entitlements(connection, job_id))
        return progress.job.total

    async def _change(self, session: AsyncSession, job_id: str, to: JobState, where: Collection[JobState]) -> None:
        now = self._clock()
        if not await _run(session, lambda connection: change_state(connection, job_id, to, where=where, now=now)):
            raise Conflict("The job is not in a state for that, or no longer.")

    def _save(self, connection: Connection, kind: JobKind, type_name: str, by: Principal) -> BulkJob:
        """A planned job without items."""
        job_id = uuid4().hex
        job = BulkJob(
            id=job_id,
            kind=kind,
            credential_type=type_name,
            scope=f"list:{job_id}",
            state=JobState.PLANNED,
            created_by=by.id,
            total=0,
            created_at=self._clock(),
        )
        connection.execute(insert(BulkJob).values(**job.model_dump()))
        return job

    def _definition(self, type_name: str) -> CredentialType:
        definition = self._credential_types.get(type_name)
        if definition is None:
            raise InvalidRequest("This issuer does not issue that credential type.")
        if definition.status_policy is StatusPolicy.NONE:
            raise InvalidRequest("Credentials of that type have no status; they end with their day.")
        return definition

    async def _record(self, session: AsyncSession, progress: JobProgress | None, action: str, by: Principal) -> None:
        """A line in the record of what was done at the office."""
        if progress is None:
            return
        job = progress.job
        detail = f"{job.kind} {job.credential_type}, {job.total}" + ", begun under four eyes" * progress.approved
        await AuditRepository(session).append(by.id, f"job_{action}", job.id, "done", now=self._clock(), detail=detail)


@dataclass(frozen=True)
class _BeginJob:
    """Beginning a job, as an action that takes a reason and by policy four eyes."""

    jobs: JobService

    async def check(self, session: AsyncSession, record_id: str, parameters: Mapping[str, Any]) -> None:
        """See `ReasonedAction`."""
        if (await _load(session, record_id)).job.state != JobState.PLANNED:
            raise Conflict("The job is not in a state for that, or no longer.")

    async def carry_out(self, session: AsyncSession, record_id: str, parameters: Mapping[str, Any]) -> int:
        """See `ReasonedAction`."""
        ends_entitlement = parameters.get("ends_entitlement", False)
        return await self.jobs.begin(session, record_id, ends_entitlement=ends_entitlement)


def _counted(connection: Connection, job: BulkJob) -> JobProgress | None:
    """Keeps the job with how many items it has; None, and it is gone, where it has none."""
    this = col(BulkJob.id) == job.id
    if job.total == 0:
        connection.execute(delete(BulkJob).where(this))
        return None
    connection.execute(update(BulkJob).where(this).values(total=job.total))
    return JobProgress(job, 0, 0)


async def _run(session: AsyncSession, work: Callable[[Connection], Result]) -> Result:
    return await (await session.connection()).run_sync(work)


async def _load(session: AsyncSession, job_id: str) -> JobProgress:
    progress = await _run(session, lambda connection: load_progress(connection, job_id))
    if progress is None:
        raise NotFound("There is no such job.")
    return progress
