"""The outbox: pushes are written with what caused them, in one transaction, and sent afterwards, at least once.

    queued ──lease──▶ leased ──┬── taken by the push service ─────────▶ accepted
      ▲                        ├── not now: back, due later ──────────▶ queued
      └── the lease ran out ───┤   (the process died between sending and noting it: sent again)
                               ├── never: refused, or nobody there ───▶ failed
                               └── 24 hours after the event ──────────▶ expired

Any number of dispatchers may work on one database. An entry is leased by a conditional UPDATE, so one of them has it at
a time; a push can still come twice, and a device knows the second by its id. A request never waits for any of this.

An address is a patient's choice, and may be one that never answers. So a process sends one push of a patient's at a
time: whoever has many such addresses holds up their own pushes, and one of the places that all share. The look-up of a
host may outlast its push, in a thread of the client's: `vc_core.http` says how far that goes. By default all hosts are
push services of browsers, none a stranger's; `backend.notifications.strangers` bounds what others take.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from backend.devices.push_address import PushAddress
from backend.notifications.models import OutboxState
from backend.notifications.push import AddressUnregistered, Push, PushError, PushSender, PushUnavailable
from backend.notifications.repository import Lease, NotificationRepository
from vc_core.clock import Clock
from vc_core.web.database import Database

KEEP_TRYING_SECONDS = 24 * 3600
LEASE_SECONDS = 60
"""Longer than any sender takes."""
POLL_SECONDS = 2.0
FIRST_RETRY_SECONDS = 10
LONGEST_RETRY_SECONDS = 15 * 60
_SENDS_AT_ONCE = 8
_log = logging.getLogger(__name__)


class Dispatcher:
    """Sends what is due."""

    def __init__(
        self, *, database: Database, sender: PushSender[PushAddress], clock: Clock, randomness: Callable[[int], bytes]
    ) -> None:
        self._database = database
        self._sender = sender
        self._clock = clock
        self._randomness = randomness
        self._woken = asyncio.Event()
        self._sent_to: set[str] = set()
        """The patients whose push is under way here, by health number."""
        self._stopping = False

    def wake(self) -> None:
        """To be called after a commit that queued pushes, so that they don't wait for the next look."""
        self._woken.set()

    def stop(self) -> None:
        """Makes `run` return once the pushes under way are through."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Sends what is due, until `stop`. A database that doesn't answer is asked again."""
        slots = asyncio.Semaphore(_SENDS_AT_ONCE)
        async with asyncio.TaskGroup() as sends:
            while not self._stopping:
                self._woken.clear()
                try:
                    await self._send_all_due(sends, slots)
                except SQLAlchemyError as error:
                    _log.warning("the outbox can't be read", extra={"error": type(error).__name__})
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), POLL_SECONDS)

    async def _send_all_due(self, sends: asyncio.TaskGroup, slots: asyncio.Semaphore) -> None:
        """Leases an entry for each free slot, one of a patient's at most; so no lease runs while its entry waits."""
        while True:
            await slots.acquire()
            lease = None
            try:
                lease = await self.lease(but_of=self._sent_to)
            finally:
                if lease is None:
                    slots.release()
            if lease is None:
                return
            self._sent_to.add(lease.health_id)
            sends.create_task(self._deliver_in_slot(lease, slots))

    async def _deliver_in_slot(self, lease: Lease, slots: asyncio.Semaphore) -> None:
        try:
            await self.deliver(lease)
        except Exception as error:  # whatever went wrong with one push, the others go on; its lease will run out
            _log.error("a push failed unexpectedly", extra={"error": type(error).__name__})
        finally:
            self._sent_to.discard(lease.health_id)
            slots.release()
            self._woken.set()  # more of the same patient's may be due

    async def lease(self, *, but_of: Collection[str] = ()) -> Lease | None:
        """Takes the entry that has been due longest, and is not of these patients; None where none is due."""
        async with self._database.transaction() as session:
            return await NotificationRepository(session).lease(now=self._clock(), seconds=LEASE_SECONDS, but_of=but_of)

    async def deliver(self, lease: Lease) -> None:
        """Sends the leased entry's push, and notes what came of it."""
        if self._clock() >= lease.expires_at:
            await self._settle(lease, OutboxState.EXPIRED, error="too_late")
        elif lease.address is None:
            await self._settle(lease, OutboxState.FAILED, error="no_device")
        else:
            await self._send(lease, lease.address)

    async def _send(self, lease: Lease, address: PushAddress) -> None:
        try:
            await self._sender.send(address, Push(lease.message_id, lease.template))
        except AddressUnregistered as error:
            async with self._database.transaction() as session:
                repository = NotificationRepository(session)
                await repository.settle(lease, OutboxState.FAILED, error=error.code)
                await repository.drop_address(lease.device_id, address)
        except PushUnavailable as error:
            await self._try_later(lease, error)
        except PushError as error:
            _log.error("a push was refused", extra={"code": error.code})
            await self._settle(lease, OutboxState.FAILED, error=error.code)
        else:
            await self._settle(lease, OutboxState.ACCEPTED, error=None)

    async def _try_later(self, lease: Lease, error: PushUnavailable) -> None:
        """Puts the entry back, due when the service asked for it or later; gives it up where that is too late."""
        _log.warning("the push service is not available", extra={"code": error.code, "count": lease.attempt})
        due_at = self._clock() + max(error.retry_after, self._backoff(lease.attempt))
        if due_at >= lease.expires_at:
            await self._settle(lease, OutboxState.EXPIRED, error=error.code)
        else:
            await self._settle(lease, OutboxState.QUEUED, due_at=due_at, error=error.code)

    def _backoff(self, attempt: int) -> int:
        """Seconds until the next attempt: doubled each time up to a limit, and up to a quarter more at random."""
        delay = min(FIRST_RETRY_SECONDS << min(attempt - 1, 16), LONGEST_RETRY_SECONDS)
        return delay + delay * self._randomness(1)[0] // 1024

    async def _settle(self, lease: Lease, state: OutboxState, *, due_at: int | None = None, error: str | None) -> None:
        async with self._database.transaction() as session:
            await NotificationRepository(session).settle(lease, state, due_at=due_at, error=error)
