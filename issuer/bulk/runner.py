"""Working on the office's jobs inside the service: a few items at a time, beside everything else that it does.

What was recorded is never lost and nothing is done twice, whichever process dies; so several services may work on the
same job, and a restart goes on where the last one was. `sabai bulk renew` is for whole countries: it has processes of
its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.bulk.job_service import STATUS_OF
from issuer.bulk.jobs import load_planned, load_running, take_planned
from issuer.bulk.models import BulkJob, JobKind
from issuer.bulk.progress import RecordedItem, failure_of, finish, load_unsigned, record_batch, refuse, save_signed
from issuer.bulk.workers import ItemSigner
from issuer.keys import IssuingKey, require_registered
from issuer.status.service import StatusService
from vc_core.clock import Clock
from vc_core.errors import SabaiError, SignerUnavailable
from vc_core.trust import TrustSource
from vc_core.web.database import Database
from vc_core.web.logs import log_failure

ITEMS_AT_ONCE = 25
"""So few that a signature of somebody who waits at the counter is hardly later."""
STEPS = 20
"""So many one after the other, so that a service that is to stop need not wait for a whole job."""
_log = logging.getLogger(__name__)


class JobRunner:
    """Brings the office's jobs to their end."""

    def __init__(
        self,
        database: Database,
        signer: ItemSigner,
        statuses: StatusService,
        trust: TrustSource,
        clock: Clock,
        randomness: Callable[[int], bytes],
    ) -> None:
        self._database = database
        self._signer = signer
        self._statuses = statuses
        self._trust = trust
        self._clock = clock
        self._randomness = randomness

    async def work(self) -> None:
        """Some steps, as long as there is a job to work on. What fails is logged and tried again at the next call."""
        try:
            for _ in range(STEPS):
                if not await self.step():
                    break
        except SQLAlchemyError as failure:
            _log.warning("jobs could not go on", extra={"error": type(failure).__name__})

    async def step(self) -> bool:
        """A few items of each running job; False where none of them could go on.

        A job that can't, since the registry does not let our key sign say, keeps no other from going on.
        """
        went_on = False
        for job in await self._database.write(load_running):
            try:
                await self._work_on(job)
                went_on = True
            except SabaiError as failure:
                _log.warning("a job could not go on", extra={"code": failure.code})
            except SQLAlchemyError:
                raise
            except Exception as failure:
                log_failure(_log, "a job could not go on", failure)
        return went_on

    async def _work_on(self, job: BulkJob) -> None:
        """Raises `SignerUnavailable` where nothing of the type may be or can be signed."""
        if job.kind != JobKind.RENEW:
            await self._change_statuses(job)
            return
        key = self._signer.keys.get(job.credential_type)
        if key is None:
            raise SignerUnavailable("This issuer no longer has a key for the credential type.")
        require_registered(key, self._trust, now=self._clock())
        batch = await self._database.write(lambda connection: self._take(connection, job, key))
        if batch:
            outcomes = await asyncio.to_thread(lambda: [self._signer.sign(item) for item in batch])
            await self._database.write(lambda connection: save_signed(connection, job, batch, outcomes))

    async def _change_statuses(self, job: BulkJob) -> None:
        """The next changes, each in a transaction of its own."""
        items = await self._database.write(lambda connection: load_planned(connection, job, size=ITEMS_AT_ONCE))
        for number, person_id in items:
            async with self._database.transaction() as session:
                await self._change_status(session, job, number, person_id)
        if not items:
            await self._database.write(lambda connection: finish(connection, job, now=self._clock()))

    async def _change_status(self, session: AsyncSession, job: BulkJob, number: int, person_id: str) -> None:
        connection = await session.connection()
        if not await connection.run_sync(take_planned, job, number):
            return  # another process has it
        try:
            async with session.begin_nested():  # what is refused has changed nothing
                await self._statuses.change(
                    session,
                    person_id,
                    job.credential_type,
                    STATUS_OF[JobKind(job.kind)],
                    ends_entitlement=job.ends_entitlement,
                )
        except (SQLAlchemyError, OSError):
            raise  # of the database, not of this item: tried again
        except Exception as cause:
            await connection.run_sync(refuse, job, number, failure_of(cause))

    def _take(self, connection: Connection, job: BulkJob, key: IssuingKey) -> list[RecordedItem]:
        """Items that were recorded and not signed, else the next; where there are none, the job is finished."""
        left = load_unsigned(connection, job, self._signer.configurations, key, after=-1, size=ITEMS_AT_ONCE)
        if left:
            return left
        recorded = record_batch(
            connection,
            job,
            self._signer.configurations,
            key,
            size=ITEMS_AT_ONCE,
            now=self._clock(),
            randomness=self._randomness,
        )
        if recorded is None:
            finish(connection, job, now=self._clock())
        return recorded or []
