"""At least once, whatever the push service, the process or the database do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from backend.app import MIGRATIONS
from backend.devices.models import Device
from backend.devices.push_address import PushAddress
from backend.notifications.models import OutboxEntry, OutboxState, Template
from backend.notifications.outbox import (
    FIRST_RETRY_SECONDS,
    KEEP_TRYING_SECONDS,
    LEASE_SECONDS,
    LONGEST_RETRY_SECONDS,
    Dispatcher,
)
from backend.notifications.push import AddressUnregistered, Push, PushError, PushRefused, PushUnavailable
from backend.notifications.repository import Lease
from backend.notifications.service import announce
from tests.backend.conftest import FakeSender
from tests.support.clock import SetClock
from vc_core.web.database import Database

HEALTH_ID = "SB0123456789"


class Outbox:
    """A database with one registered device, and dispatchers that can be moved step by step."""

    def __init__(self, database: Database, clock: SetClock, sender: FakeSender) -> None:
        self.database = database
        self.clock = clock
        self.sender = sender
        self.dispatcher = self.new_dispatcher()

    def new_dispatcher(self) -> Dispatcher:
        return Dispatcher(database=self.database, sender=self.sender, clock=self.clock, randomness=bytes)

    async def announce(self, times: int = 1) -> None:
        async with self.database.transaction() as session:
            for _ in range(times):
                await announce(session, HEALTH_ID, Template.CLAIM_APPROVED, {}, now=self.clock())

    async def step(self) -> bool:
        """Leases and delivers one entry; False where none is due."""
        lease = await self.dispatcher.lease()
        if lease is None:
            return False
        await self.dispatcher.deliver(lease)
        return True

    async def entries(self) -> list[OutboxEntry]:
        async with self.database.transaction() as session:
            return list(await session.exec(select(OutboxEntry)))

    async def entry(self) -> OutboxEntry:
        (entry,) = await self.entries()
        return entry

    async def device(self) -> Device:
        async with self.database.transaction() as session:
            return (await session.exec(select(Device))).one()


@pytest.fixture
async def outbox(database: Database, clock: SetClock, sender: FakeSender) -> Outbox:
    await database.migrate(MIGRATIONS)
    async with database.transaction() as session:
        session.add(
            Device(health_id=HEALTH_ID, token_hash="0", push_address="fcm-1", language="th", registered_at=clock())
        )
    return Outbox(database, clock, sender)


async def test_a_push_is_sent_and_accepted(outbox: Outbox) -> None:
    await outbox.announce()

    assert await outbox.step()

    entry = await outbox.entry()
    assert outbox.sender.sent == [("fcm-1", Push(entry.message_id, Template.CLAIM_APPROVED))]
    assert (entry.state, entry.error, entry.attempts) == (OutboxState.ACCEPTED, None, 1)
    assert not await outbox.step()


async def test_an_event_that_rolls_back_owes_no_push(outbox: Outbox) -> None:
    with suppress(RuntimeError):
        async with outbox.database.transaction() as session:
            await announce(session, HEALTH_ID, Template.CLAIM_APPROVED, {}, now=outbox.clock())
            raise RuntimeError("the event failed after all")

    assert await outbox.entries() == []


async def test_two_dispatchers_at_once_take_each_entry_once(outbox: Outbox) -> None:
    await outbox.announce(20)
    dispatchers = [outbox.new_dispatcher() for _ in range(4)]

    async def drain(dispatcher: Dispatcher) -> list[str]:
        taken = []
        while lease := await dispatcher.lease():
            taken.append(lease.entry_id)
            await dispatcher.deliver(lease)
        return taken

    taken = [entry_id for each in await asyncio.gather(*map(drain, dispatchers)) for entry_id in each]

    assert sorted(taken) == sorted({entry.id for entry in await outbox.entries()})
    assert len(outbox.sender.sent) == len({push.id for _, push in outbox.sender.sent}) == 20


async def test_a_push_that_was_not_noted_down_is_sent_again_after_the_lease(outbox: Outbox) -> None:
    """What a crash between sending and noting looks like to whoever comes after."""
    await outbox.announce()
    lease = await outbox.dispatcher.lease()
    assert lease is not None
    assert lease.address is not None
    await outbox.sender.send(lease.address, Push(lease.message_id, lease.template))

    outbox.clock.advance(LEASE_SECONDS - 1)
    assert not await outbox.step()
    outbox.clock.advance(1)
    assert await outbox.step()

    (_, first), (_, second) = outbox.sender.sent
    assert first == second  # the same id, so the device can tell
    assert (await outbox.entry()).state == OutboxState.ACCEPTED


async def test_who_lost_the_lease_changes_nothing(outbox: Outbox) -> None:
    await outbox.announce()
    slow = await outbox.dispatcher.lease()
    assert slow is not None
    outbox.clock.advance(LEASE_SECONDS)
    assert await outbox.step()

    outbox.sender.faults.append(PushRefused("invalid_argument"))
    await outbox.dispatcher.deliver(slow)

    assert (await outbox.entry()).state == OutboxState.ACCEPTED


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (PushUnavailable("internal"), FIRST_RETRY_SECONDS),
        (PushUnavailable("resource_exhausted", 300), 300),
        (PushUnavailable("unavailable", 3), FIRST_RETRY_SECONDS),
    ],
)
async def test_what_is_not_taken_now_is_tried_again_and_not_too_soon(
    outbox: Outbox, fault: PushError, wait: int
) -> None:
    await outbox.announce()
    outbox.sender.faults.append(fault)
    await outbox.step()

    entry = await outbox.entry()
    assert (entry.state, entry.error, entry.due_at) == (OutboxState.QUEUED, fault.code, outbox.clock() + wait)
    outbox.clock.advance(wait - 1)
    assert not await outbox.step()
    outbox.clock.advance(1)
    assert await outbox.step()
    assert (await outbox.entry()).state == OutboxState.ACCEPTED
    assert (await outbox.device()).push_address == "fcm-1"


async def test_the_waiting_time_doubles_up_to_a_limit(outbox: Outbox) -> None:
    await outbox.announce()
    waits = []
    for _ in range(9):
        outbox.sender.faults.append(PushUnavailable("internal"))
        await outbox.step()
        waits.append((await outbox.entry()).due_at - outbox.clock())
        outbox.clock.advance(waits[-1])

    assert waits == [10, 20, 40, 80, 160, 320, 640, LONGEST_RETRY_SECONDS, LONGEST_RETRY_SECONDS]


async def test_waiting_times_differ_by_chance_but_not_by_much(outbox: Outbox) -> None:
    most = Dispatcher(
        database=outbox.database, sender=outbox.sender, clock=outbox.clock, randomness=lambda count: b"\xff" * count
    )
    assert 1.2 < most._backoff(7) / outbox.dispatcher._backoff(7) <= 1.25


async def test_a_push_is_given_up_after_a_day(outbox: Outbox) -> None:
    await outbox.announce()
    announced_at = outbox.clock()
    while (await outbox.entry()).state == OutboxState.QUEUED:
        outbox.sender.faults.append(PushUnavailable("unavailable", 3 * 3600))
        outbox.clock.now = (await outbox.entry()).due_at
        assert await outbox.step()

    assert (await outbox.entry()).state == OutboxState.EXPIRED
    assert announced_at + KEEP_TRYING_SECONDS - 3 * 3600 <= outbox.clock() < announced_at + KEEP_TRYING_SECONDS
    assert outbox.sender.attempts == 8


async def test_a_push_that_nobody_came_to_send_in_a_day_is_not_sent(outbox: Outbox) -> None:
    await outbox.announce()
    outbox.clock.advance(KEEP_TRYING_SECONDS)

    assert await outbox.step()

    assert ((await outbox.entry()).state, outbox.sender.attempts) == (OutboxState.EXPIRED, 0)


async def test_an_endless_retry_after_ends(outbox: Outbox) -> None:
    await outbox.announce()
    outbox.sender.faults.append(PushUnavailable("unavailable", 10**30))

    assert await outbox.step()

    assert (await outbox.entry()).state == OutboxState.EXPIRED


async def test_a_token_that_is_no_longer_registered_is_dropped_and_the_device_stays(outbox: Outbox) -> None:
    await outbox.announce(2)
    outbox.sender.faults.append(AddressUnregistered("unregistered"))

    while await outbox.step():
        pass

    assert (await outbox.device()).push_address is None
    assert sorted((entry.state, entry.error) for entry in await outbox.entries()) == [
        (OutboxState.FAILED, "no_device"),
        (OutboxState.FAILED, "unregistered"),
    ]


async def test_a_new_token_is_not_dropped_for_the_old_one(outbox: Outbox) -> None:
    await outbox.announce()
    lease = await outbox.dispatcher.lease()
    assert lease is not None
    async with outbox.database.transaction() as session:
        device = (await session.exec(select(Device))).one()
        device.push_address = "fcm-2"
        session.add(device)
    outbox.sender.faults.append(AddressUnregistered("unregistered"))

    await outbox.dispatcher.deliver(lease)

    assert (await outbox.device()).push_address == "fcm-2"


async def test_a_refused_push_keeps_the_token(outbox: Outbox) -> None:
    await outbox.announce()
    outbox.sender.faults.append(PushRefused("invalid_argument"))

    await outbox.step()

    entry = await outbox.entry()
    assert (entry.state, entry.error) == (OutboxState.FAILED, "invalid_argument")
    assert (await outbox.device()).push_address == "fcm-1"


@pytest.fixture
async def running(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Outbox]:
    """The outbox with its dispatcher at work, which looks more often than it does elsewhere."""
    monkeypatch.setattr("backend.notifications.outbox.POLL_SECONDS", 0.05)
    task = asyncio.create_task(outbox.dispatcher.run())
    yield outbox
    await ended(outbox, task)


async def ended(outbox: Outbox, task: asyncio.Task[None]) -> None:
    """Lets the dispatcher come to its end: a database call that is cut short leaves its thread behind."""
    outbox.dispatcher.stop()
    await task


async def test_a_dispatcher_sends_when_it_is_woken(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.notifications.outbox.POLL_SECONDS", 3600)
    task = asyncio.create_task(outbox.dispatcher.run())
    await asyncio.sleep(0.1)

    for count in (30, 31):
        await outbox.announce(count - len(outbox.sender.sent))
        outbox.dispatcher.wake()
        await outbox.sender.wait_for(count)

    await ended(outbox, task)


async def test_a_dispatcher_at_work_finds_what_another_process_wrote(running: Outbox) -> None:
    await running.announce()

    await running.sender.wait_for(1)


class PatientsSender(FakeSender):
    """Some addresses never answer; notes how many of them are being asked."""

    async def send(self, address: PushAddress, push: Push) -> None:
        if address.to_columns()[0].startswith("silent"):
            self.attempts += 1
            await self.gate.wait()
        self.sent.append((address.to_columns()[0], push))


async def test_a_patient_whose_addresses_never_answer_holds_up_nobody_else(outbox: Outbox) -> None:
    async with outbox.database.transaction() as session:
        for number in range(9):
            address = {"token_hash": f"s{number}", "push_address": f"silent-{number}"}
            session.add(Device(health_id="SB9876543210", language="th", registered_at=0, **address))
        await session.flush()
        await announce(session, "SB9876543210", Template.CLAIM_APPROVED, {}, now=outbox.clock())
    outbox.sender = PatientsSender()
    outbox.sender.gate.clear()
    outbox.dispatcher = outbox.new_dispatcher()
    task = asyncio.create_task(outbox.dispatcher.run())
    outbox.clock.advance(1)
    await outbox.announce(3)
    outbox.dispatcher.wake()

    await outbox.sender.wait_for(3)
    asked = outbox.sender.attempts
    outbox.sender.gate.set()
    await outbox.sender.wait_for(12)
    await ended(outbox, task)

    assert asked == 1
    assert [address for address, _ in outbox.sender.sent[:3]] == ["fcm-1"] * 3


class BrokenSender(FakeSender):
    """Fails in a way that no sender should."""

    async def send(self, address: PushAddress, push: Push) -> None:
        await super().send(address, push)
        if self.attempts == 1:
            raise ZeroDivisionError


async def test_one_unexpected_failure_does_not_stop_the_others(outbox: Outbox) -> None:
    outbox.sender = BrokenSender()
    outbox.dispatcher = outbox.new_dispatcher()
    task = asyncio.create_task(outbox.dispatcher.run())
    await outbox.announce(3)
    outbox.dispatcher.wake()

    await outbox.sender.wait_for(3)
    async with asyncio.timeout(60):
        while sorted(entry.state for entry in await outbox.entries()) != ["accepted", "accepted", "leased"]:
            await asyncio.sleep(0.02)
    assert not task.done()
    await ended(outbox, task)


async def test_a_database_that_does_not_answer_is_asked_again(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    lease, failures = outbox.dispatcher.lease, iter([OperationalError("SELECT", {}, Exception("no connection"))])

    async def lease_but_fail_first(**options: Any) -> Lease | None:
        for failure in failures:
            raise failure
        return await lease(**options)

    monkeypatch.setattr(outbox.dispatcher, "lease", lease_but_fail_first)
    monkeypatch.setattr("backend.notifications.outbox.POLL_SECONDS", 0.05)
    await outbox.announce()
    task = asyncio.create_task(outbox.dispatcher.run())

    await outbox.sender.wait_for(1)
    await ended(outbox, task)
