"""Renewing in bulk: one process keeps the books, several sign, and any of them may die at any moment.

    plan ──▶ record a batch, commit ──▶ sign it in another process ──▶ keep it for the wallets, commit ──▶ …

Running it again, after a kill say, goes on with the job that has not finished. Two at a time do no harm: each item is
recorded by one, and kept once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from issuer.bulk.models import BulkJob, ItemState
from issuer.bulk.planning import all_jobs, create_job, open_job
from issuer.bulk.progress import RecordedItem, count_items, finish, load_unsigned, record_batch, save_signed
from issuer.bulk.workers import sign_batch, sign_raw
from issuer.issuance.configurations import Configuration
from issuer.keys import IssuingKey, require_registered
from vc_core.clock import Clock
from vc_core.credential_types.definition import StatusPolicy
from vc_core.errors import Conflict, SignerUnavailable
from vc_core.trust import TrustSource
from vc_core.web.database import TRIES, Database

BATCH = 1_000
"""Items in one transaction: so many that its fixed costs are little, so few that others soon have their turn."""
RAW_SECONDS = 0.5
"""For how long bare signing is measured before a run."""
Result = TypeVar("Result")
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class BulkResult:
    """What a run did. `signed` and `refused` are the job's in all, `signed_now` this run's, in `seconds`.

    `raw_rate` is how many bare P-256 signatures a second the same processes make when they do nothing else.
    """

    job_id: str
    total: int
    signed: int
    refused: int
    signed_now: int
    seconds: float
    raw_rate: float

    @property
    def rate(self) -> float:
        """Credentials a second, from the database to the database."""
        return self.signed_now / self.seconds

    @property
    def share(self) -> float:
        """The rate as a share of `raw_rate`."""
        return self.rate / self.raw_rate


class BulkIssuance:
    """Bulk issuance of one issuer."""

    def __init__(
        self,
        database: Database,
        keys: Mapping[str, IssuingKey],
        configurations: Mapping[str, Configuration],
        trust: TrustSource,
        clock: Clock,
        randomness: Callable[[int], bytes],
        batch: int = BATCH,
    ) -> None:
        self._database = database
        self._keys = keys
        self._configurations = configurations
        self._trust = trust
        self._clock = clock
        self._randomness = randomness
        self._batch = batch

    async def plan(self, type_name: str, *, ending_before: int) -> BulkJob:
        """The job for this credential type: the one that has not finished, else a new one.

        A new one renews what ends before that time (seconds since 1970) and can be longer; where there is nothing of
        that kind it is empty, and not kept. Raises `Conflict` for a type that the settings have no keys for,
        or that has no status.
        """
        key = self._keys.get(type_name)
        if key is None:
            raise Conflict("This issuer does not issue that credential type.")
        if key.credential_type.status_policy is StatusPolicy.NONE:
            raise Conflict("Credentials of that type are short-lived: they are offered anew, not renewed.")

        def work(connection: Connection) -> BulkJob:
            known = open_job(connection, key.credential_type)
            return known or create_job(connection, key.credential_type, ending_before=ending_before, now=self._clock())

        return await self._write(work)

    async def jobs(self) -> list[tuple[BulkJob, dict[ItemState, int]]]:
        """All jobs, the newest first, and how many of their items are in which state."""
        return await self._write(
            lambda connection: [(job, count_items(connection, job)) for job in all_jobs(connection)]
        )

    async def run(
        self, job: BulkJob, workers: Executor, *, count: int, report: Report, raw_seconds: float = RAW_SECONDS
    ) -> BulkResult:
        """Brings the job to its end with `count` processes; `report` is told how many are done, and of how many.

        Raises `SignerUnavailable` where the registry does not let our key sign, or the key does not; what is done
        stays done.
        """
        require_registered(self._keys[job.credential_type], self._trust, now=self._clock())
        before = await self._write(lambda connection: count_items(connection, job))
        done = before[ItemState.SIGNED] + before[ItemState.REFUSED]
        raw = await _raw_rate(workers, count, raw_seconds)  # which also waits for the processes
        started, signed_now = time.perf_counter(), 0
        batches = _Batches(self, job)
        under_way: set[asyncio.Task[int]] = set()
        try:
            while True:
                while len(under_way) < 2 * count and (batch := await batches.next()) is not None:
                    under_way.add(asyncio.create_task(self._sign_and_keep(job, batch, workers)))
                if not under_way:
                    break
                finished, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                failed = [failure for task in finished if (failure := task.exception()) is not None]
                if failed:
                    raise failed[0]
                signed_now += sum(task.result() for task in finished)
                report(done + signed_now, job.total)
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
        seconds = time.perf_counter() - started
        await self._write(lambda connection: finish(connection, job, now=self._clock()))
        after = await self._write(lambda connection: count_items(connection, job))
        return BulkResult(
            job.id, job.total, after[ItemState.SIGNED], after[ItemState.REFUSED], signed_now, seconds, raw
        )

    async def _sign_and_keep(self, job: BulkJob, batch: list[RecordedItem], workers: Executor) -> int:
        try:
            outcomes = await asyncio.get_running_loop().run_in_executor(workers, sign_batch, batch)
        except BrokenExecutor as cause:
            raise SignerUnavailable("A signing process ended by itself; what is done is kept: run it again.") from cause
        return await self._write(lambda connection: save_signed(connection, job, batch, outcomes))

    async def record(self, job: BulkJob) -> list[RecordedItem] | None:
        """The next batch of planned items, recorded; None where there are no more."""
        return await self._write(
            lambda connection: record_batch(
                connection,
                job,
                self._configurations,
                self._keys[job.credential_type],
                size=self._batch,
                now=self._clock(),
                randomness=self._randomness,
            )
        )

    async def left_behind(self, job: BulkJob, after: int) -> list[RecordedItem]:
        """The next batch that an earlier run recorded and did not sign, from after that number on."""
        key = self._keys[job.credential_type]
        return await self._write(
            lambda connection: load_unsigned(connection, job, self._configurations, key, after=after, size=self._batch)
        )

    async def _write(self, work: Callable[[Connection], Result]) -> Result:
        """As `Database.write`, begun anew where a unique constraint says no: another process was quicker."""
        for _ in range(TRIES - 1):
            try:
                return await self._database.write(work)
            except IntegrityError:
                continue
        return await self._database.write(work)


class _Batches:
    """What is to be signed: first what an earlier run left behind, then what has not been begun."""

    def __init__(self, bulk: BulkIssuance, job: BulkJob) -> None:
        self._bulk = bulk
        self._job = job
        self._after: int | None = -1

    async def next(self) -> list[RecordedItem] | None:
        """The next batch, None after the last."""
        if self._after is not None:
            left = await self._bulk.left_behind(self._job, self._after)
            self._after = left[-1].number if left else None
            if left:
                return left
        while (batch := await self._bulk.record(self._job)) is not None:
            if batch:
                return batch
        return None


async def _raw_rate(workers: Executor, count: int, seconds: float) -> float:
    loop = asyncio.get_running_loop()
    asked: list[Awaitable[tuple[int, float]]] = [loop.run_in_executor(workers, sign_raw, seconds) for _ in range(count)]
    return sum(signed / elapsed for signed, elapsed in await asyncio.gather(*asked))
