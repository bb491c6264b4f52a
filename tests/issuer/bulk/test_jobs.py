"""The office's jobs: planned, begun, paused, gone on with by another process, and who is left out and why."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Connection, Engine, event, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.access import Principal
from issuer.audit.repository import AuditFilter, AuditRepository
from issuer.bulk.job_service import JobService
from issuer.bulk.jobs import JobProgress, load_planned
from issuer.bulk.models import BulkItem, ItemFailure, JobKind, JobState, WaitingCredential
from issuer.bulk.planning import Scope
from issuer.bulk.progress import record_batch
from issuer.bulk.runner import ITEMS_AT_ONCE, JobRunner
from issuer.bulk.workers import ItemSigner
from issuer.issuance.configurations import configurations_of
from issuer.issuance.models import Issuance
from issuer.keys import IssuingKey, load_issuing_keys
from issuer.officers.roles import OfficeRole
from issuer.proposals.actions import ActionReason, OfficeAction
from issuer.proposals.models import ProposalState
from issuer.proposals.service import ActionOrder, ProposalService
from issuer.roster.models import Person
from issuer.status.service import StatusService
from tests.support.renewals import CHAIN_ID, DAY, NOW, Fund, clock, create_fund, fill
from vc_core.errors import Conflict, Forbidden, InvalidRequest, NotFound
from vc_core.formats.credential import CredentialFormat
from vc_core.formats.status_list import Status
from vc_core.ledger.registry_state import RegistryState
from vc_core.trust import RegistryTrust
from vc_core.web.database import Database

TYPE = "InsuranceCoverage"
PEOPLE = ITEMS_AT_ONCE + 5
ANONG, BOUN = (Principal(name, name, frozenset(OfficeRole)) for name in ("anong", "boun"))

LONGEST_NAME = "\U00011103" * 100
"""As long as the roster takes one, in letters of four bytes."""


@dataclass
class Office:
    """The fund's office and its database."""

    fund: Fund
    database: Database

    def __post_init__(self) -> None:
        keys = load_issuing_keys(self.fund.settings)
        self.statuses = StatusService(self.database, keys, clock)
        self.jobs = JobService(self.database, {name: key.credential_type for name, key in keys.items()}, clock)
        public_url = self.fund.settings.public_url
        self.signer = ItemSigner(public_url, keys, configurations_of(keys, public_url))
        self.runner = JobRunner(self.database, self.signer, self.statuses, self.fund.trust, clock, secrets.token_bytes)

    async def plan(self, **scope: Any) -> JobProgress:
        planned = await self.jobs.plan_renewal(TYPE, Scope(**scope), ANONG, ending_within=60 * DAY)
        assert planned.progress is not None
        return planned.progress

    async def finish(self, job_id: str) -> JobProgress:
        """Works until nothing is left."""
        while await self.runner.step():
            pass
        return await self.jobs.job(job_id)

    async def give(self, number: int, status: Status) -> None:
        """An officer changes the status of a person's coverage."""
        async with self.database.transaction() as session:
            await self.statuses.change(session, f"{number:032x}", TYPE, status)

    async def change(self, table: type[Any], where: ColumnElement[bool], **values: Any) -> None:
        """Changes rows behind everybody's back."""
        statement = update(table).where(where).values(**values)
        await self.database.write(lambda connection: connection.execute(statement))

    async def rename(self, number: int, name: str) -> None:
        """The roster has another name for a person."""
        await self.change(Person, col(Person.id) == f"{number:032x}", name=name)

    async def statuses_of(self, number: int) -> list[int]:
        query = select(col(Issuance.status)).where(col(Issuance.person_id) == f"{number:032x}")
        return await self.database.write(lambda connection: list(connection.execute(query).scalars()))


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Office]:
    """An office whose people's coverage ends soon."""
    fund = create_fund(tmp_path, database_url)
    database = Database(database_url)
    await fill(fund, database, PEOPLE)
    yield Office(fund, database)
    await database.close()


async def waiting(office: Office) -> int:
    """How many credentials wait for wallets."""
    return len(await office.database.write(lambda connection: connection.execute(select(WaitingCredential)).all()))


async def test_a_renewal_waits_for_its_start_pauses_and_goes_on_in_another_process(office: Office) -> None:
    job = (await office.plan()).job
    assert (job.state, job.total) == (JobState.PLANNED, PEOPLE)
    assert not await office.runner.step()
    with pytest.raises(Conflict):
        await office.plan()
    await office.jobs.start(job.id, ANONG)
    assert await office.runner.step()
    paused = await office.jobs.pause(job.id, ANONG)
    assert (paused.job.state, paused.done) == (JobState.PAUSED, ITEMS_AT_ONCE)
    assert not await office.runner.step()
    with pytest.raises(Conflict):
        await office.jobs.pause(job.id, ANONG)
    await office.jobs.start(job.id, ANONG)
    with pytest.raises(Conflict):
        await office.jobs.cancel(job.id, ANONG)
    done = await Office(office.fund, office.database).finish(job.id)
    assert (done.job.state, done.done, done.refused, done.job.finished_at) == (JobState.FINISHED, PEOPLE, 0, NOW)
    assert await waiting(office) == PEOPLE


async def test_what_is_withdrawn_after_planning_is_not_renewed(office: Office) -> None:
    job = (await office.plan()).job
    await office.give(3, Status.SUSPENDED)
    await office.give(4, Status.INVALID)
    await office.database.write(
        lambda connection: connection.execute(
            update(Person).where(col(Person.id) == f"{5:032x}").values(covered_until="2026-12-01")
        )
    )
    await office.jobs.start(job.id, ANONG)
    done = await office.finish(job.id)
    assert (done.done, done.refused) == (PEOPLE - 3, 3)
    failed = {each.person_ref: each.failure for each in await office.jobs.failures(job.id)}
    withdrawn, ended = ItemFailure.WITHDRAWN, ItemFailure.COVERAGE_ENDED
    assert failed == {"ref-3": withdrawn, "ref-4": withdrawn, "ref-5": ended}
    assert await waiting(office) == PEOPLE - 3


class OfTwoNames(IssuingKey):
    """Issues SD-JWTs in another name, as one with certificates does."""

    def issuer(self, credential_format: CredentialFormat) -> str:
        return "did:b" if credential_format is CredentialFormat.SD_JWT else "did:a"


async def test_what_can_not_be_signed_is_left_out_and_the_job_goes_on(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    job = (await office.plan()).job
    await office.jobs.start(job.id, ANONG)
    as_pass = {"configuration_id": f"{TYPE}_qr_pass"}
    for number in (1, 2, 3):
        await office.change(BulkItem, (col(BulkItem.person_id) == f"{number:032x}"), **as_pass)
    await office.rename(1, LONGEST_NAME)  # known to be too long before anything is recorded
    key, configurations = office.signer.keys[TYPE], office.signer.configurations
    batch = partial(record_batch, size=PEOPLE, now=NOW, randomness=secrets.token_bytes)
    of_two_names = OfTwoNames(**vars(key))
    recorded = await office.database.write(lambda each: batch(each, job, configurations, of_two_names) or [])
    names = [of_two_names.issuer(configurations[each.configuration_id].format) for each in recorded]
    assert names == ["did:a"] * 2 + ["did:b"] * (PEOPLE - 3)  # locked in this order, though the first was of the other
    await office.rename(2, LONGEST_NAME)  # only now, when the process that recorded it has died
    await office.rename(4, "")
    await office.change(Issuance, col(Issuance.person_id) == f"{5:032x}", configuration_id="Passport")
    await office.change(Issuance, col(Issuance.person_id) == f"{6:032x}", holder_jwk='{"kty": "secret"}')
    done = await office.finish(job.id)
    assert (done.job.state, done.done, done.refused) == (JobState.FINISHED, PEOPLE - 5, 5)
    failed = {each.person_ref: each.failure for each in await office.jobs.failures(job.id)}
    assert failed == {
        "ref-1": ItemFailure.TOO_LONG,
        "ref-2": ItemFailure.TOO_LONG,
        "ref-4": ItemFailure.INCOMPLETE,
        "ref-5": ItemFailure.NOT_OFFERED,
        "ref-6": ItemFailure.FAULTY,
    }
    assert [len(await office.statuses_of(number)) for number in range(7)] == [2, 1, 1, 2, 1, 1, 1]
    assert "secret" not in caplog.text


async def test_a_job_is_cancelled_and_planned_anew_for_one_scheme_or_one_person(office: Office) -> None:
    await office.jobs.cancel((await office.plan()).job.id, ANONG)
    assert not await office.runner.step()
    nobody = await office.jobs.plan_renewal(TYPE, Scope(scheme="UCS"), ANONG, ending_within=60 * DAY)
    assert nobody.progress is None
    assert (await office.plan(scheme="8401")).job.total == PEOPLE
    one = await office.jobs.renew_person(TYPE, f"{7:032x}", ANONG)
    assert (await office.finish(one.job.id)).done == 1
    with pytest.raises(Conflict, match="nothing to renew"):
        await office.jobs.renew_person(TYPE, f"{7:032x}", ANONG)
    with pytest.raises(NotFound):
        await office.jobs.renew_person(TYPE, "f" * 32, ANONG)
    with pytest.raises(InvalidRequest):
        await office.jobs.renew_person("AppointmentTicket", f"{7:032x}", ANONG)
    with pytest.raises(NotFound):
        await office.jobs.start("0" * 32, ANONG)


async def test_a_revocation_of_many_takes_a_reason_and_another_pair_of_eyes(office: Office) -> None:
    await office.give(0, Status.INVALID)
    numbers = ["ref-0", "ref-1", "SB00000002", "MX00000003", "nobody", "ref-1"]
    planned = await office.jobs.plan_status_change(JobKind.REVOKE, TYPE, ANONG, numbers=numbers)
    assert planned.progress is not None
    job = planned.progress.job
    assert (job.total, planned.not_found) == (3, [4])
    with pytest.raises(Conflict):
        await office.jobs.start(job.id, ANONG)
    proposals = ProposalService(office.database, office.jobs.actions(), {OfficeAction.REVOKE_MANY}, clock)
    order = ActionOrder(
        OfficeAction.REVOKE_MANY,
        job.id,
        {"people": 3, "ends_entitlement": True},
        TYPE,
        ActionReason.SUSPECTED_FRAUD,
    )
    proposal = await proposals.propose(ANONG, order)
    assert proposal.state == ProposalState.WAITING
    assert not await office.runner.step()
    await office.give(1, Status.INVALID)
    await office.database.write(lambda connection: forget(connection, 3))
    assert (await proposals.approve(proposal.id, BOUN)).changed == 3
    done = await office.finish(job.id)
    assert (done.job.state, done.done, done.refused) == (JobState.FINISHED, 2, 1)
    assert [each.failure for each in await office.jobs.failures(job.id)] == [ItemFailure.NOTHING_ISSUED]
    assert await office.statuses_of(2) == [Status.INVALID.value]
    ended = [await office.statuses.ended_entitlements(f"{number:032x}") for number in (2, 3, 4)]
    assert ended == [[TYPE], [], []]


async def test_what_two_people_began_an_officer_stops_but_an_approver_ends(office: Office) -> None:
    planned = await office.jobs.plan_status_change(JobKind.REVOKE, TYPE, ANONG, scheme="8401")
    assert planned.progress is not None
    job_id = planned.progress.job.id
    officer, approver = (Principal(role, role, frozenset({role})) for role in (OfficeRole.OFFICER, OfficeRole.APPROVER))
    with pytest.raises(Forbidden):
        await office.jobs.cancel(job_id, approver)
    proposals = ProposalService(office.database, office.jobs.actions(), {OfficeAction.REVOKE_MANY}, clock)
    order = ActionOrder(OfficeAction.REVOKE_MANY, job_id, {}, TYPE, ActionReason.SUSPECTED_FRAUD)
    proposal = await proposals.propose(officer, order)
    assert not (await office.jobs.job(job_id)).approved
    await proposals.approve(proposal.id, approver)
    assert (await office.jobs.pause(job_id, officer)).approved
    with pytest.raises(Forbidden):
        await office.jobs.cancel(job_id, officer)
    assert (await office.jobs.job(job_id)).job.state == JobState.PAUSED
    assert (await office.jobs.cancel(job_id, approver)).job.state == JobState.CANCELLED
    async with office.database.transaction() as session:
        lines = await AuditRepository(session).load_page(AuditFilter(), before=None, limit=1)
    assert (lines[0].principal_id, lines[0].action) == ("approver", "job_cancel")
    assert lines[0].detail == f"revoke {TYPE}, {PEOPLE}, begun under four eyes"


async def test_an_officer_ends_what_they_began_alone(office: Office) -> None:
    planned = await office.jobs.plan_status_change(JobKind.SUSPEND, TYPE, ANONG, scheme="8401")
    assert planned.progress is not None
    job_id = planned.progress.job.id
    proposals = ProposalService(office.database, office.jobs.actions(), (), clock)
    await proposals.propose(ANONG, ActionOrder(OfficeAction.SUSPEND_MANY, job_id, {}, TYPE, ActionReason.WRONG_DATA))
    officer = Principal("officer", "", frozenset({OfficeRole.OFFICER}))
    assert not (await office.jobs.pause(job_id, officer)).approved
    assert (await office.jobs.cancel(job_id, officer)).job.state == JobState.CANCELLED


async def test_a_suspension_of_a_scheme_and_its_end(office: Office) -> None:
    proposals = ProposalService(office.database, office.jobs.actions(), (), clock)
    for kind, status, reason in (
        (JobKind.SUSPEND, Status.SUSPENDED, ActionReason.WRONG_DATA),
        (JobKind.RESTORE, Status.VALID, ActionReason.RESOLVED),
    ):
        planned = await office.jobs.plan_status_change(kind, TYPE, ANONG, scheme="8401")
        assert planned.progress is not None
        job = planned.progress.job
        await proposals.propose(ANONG, ActionOrder(OfficeAction(f"{kind}_many"), job.id, {}, TYPE, reason))
        assert (await office.finish(job.id)).done == PEOPLE
        assert await office.statuses_of(9) == [status.value]
    again = await office.jobs.plan_status_change(JobKind.RESTORE, TYPE, ANONG, scheme="8401")
    assert again.progress is None


async def test_a_change_that_fails_unforeseen_is_left_out_and_changes_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    planned = await office.jobs.plan_status_change(JobKind.SUSPEND, TYPE, ANONG, numbers=["ref-1", "ref-2", "ref-3"])
    assert planned.progress is not None
    job_id, change = planned.progress.job.id, office.statuses.change

    async def faulty(session: AsyncSession, person_id: str, *rest: Any, **more: Any) -> int:
        changed = await change(session, person_id, *rest, **more)
        if person_id == f"{2:032x}":
            raise AttributeError("secret")
        return changed

    monkeypatch.setattr(office.statuses, "change", faulty)
    async with office.database.transaction() as session:
        await office.jobs.begin(session, job_id, ends_entitlement=False)
    for _ in range(3):
        await office.runner.step()
    done = await office.jobs.job(job_id)
    assert (done.job.state, done.done, done.refused) == (JobState.FINISHED, 2, 1)
    assert [each.failure for each in await office.jobs.failures(job_id)] == [ItemFailure.FAULTY]
    expected = [[Status.SUSPENDED.value], [Status.VALID.value], [Status.SUSPENDED.value]]
    assert [await office.statuses_of(number) for number in (1, 2, 3)] == expected
    assert "secret" not in caplog.text


async def test_a_job_for_thousands_is_counted_and_made_in_portions(tmp_path: Path, database_url: str) -> None:
    """Neither of a scheme nor of a long list does one statement carry more than a portion."""
    fund, people = create_fund(tmp_path, database_url), 2_503
    database = Database(database_url)
    await fill(fund, database, people)
    office, statements = Office(fund, database), list[int]()
    await office.give(7, Status.INVALID)

    def watch(_: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
        statements.append(len(parameters) if executemany else 1)

    event.listen(Engine, "before_cursor_execute", watch)
    try:
        of_scheme = await office.jobs.plan_status_change(JobKind.REVOKE, TYPE, ANONG, scheme="8401")
        numbers = [f"ref-{number}" for number in range(people)]
        listed = await office.jobs.plan_status_change(JobKind.REVOKE, TYPE, ANONG, numbers=numbers)
    finally:
        event.remove(Engine, "before_cursor_execute", watch)
    assert max(statements) <= 1_000
    expected = [(number, f"{person:032x}") for number, person in enumerate(x for x in range(people) if x != 7)]
    for planned in (of_scheme, listed):
        assert planned.progress is not None
        job = planned.progress.job
        assert (job.total, (await office.jobs.job(job.id)).job.total) == (people - 1, people - 1)
        items = partial(load_planned, job=job, size=people)
        assert await database.write(items) == expected
    await database.close()


async def test_a_job_that_can_not_go_on_keeps_no_other_from_it(office: Office) -> None:
    renewal = (await office.plan()).job
    await office.jobs.start(renewal.id, ANONG)
    planned = await office.jobs.plan_status_change(JobKind.SUSPEND, TYPE, ANONG, numbers=["ref-1"])
    assert planned.progress is not None
    async with office.database.transaction() as session:
        await office.jobs.begin(session, planned.progress.job.id, ends_entitlement=False)
    unknown = RegistryTrust(RegistryState(), chain_id=CHAIN_ID, synced_at=NOW)
    office.runner = JobRunner(office.database, office.signer, office.statuses, unknown, clock, secrets.token_bytes)
    assert (await office.finish(planned.progress.job.id)).done == 1
    stuck = await office.jobs.job(renewal.id)
    assert (stuck.job.state, stuck.done) == (JobState.RUNNING, 0)


def forget(connection: Connection, number: int) -> None:
    """As if this person had never been issued anything."""
    theirs = update(Issuance).where(col(Issuance.person_id) == f"{number:032x}")
    connection.execute(theirs.values(person_id=f"{0:032x}"))
