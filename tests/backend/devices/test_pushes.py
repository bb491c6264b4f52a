"""Whom pushes reach, as devices come and go."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlmodel import select

from backend.devices.models import Device
from backend.notifications.models import OutboxEntry, OutboxState, Template
from tests.backend.conftest import FakeSender
from tests.backend.parts import World
from tests.support.push_service import Browser
from vc_core.web.database import Database


async def settled(database: Database, count: int) -> list[OutboxEntry]:
    """The outbox, as soon as so many of its entries are settled."""
    async with asyncio.timeout(60):
        while True:
            async with database.transaction() as session:
                entries = list(await session.exec(select(OutboxEntry)))
            if sum(entry.state not in (OutboxState.QUEUED, OutboxState.LEASED) for entry in entries) >= count:
                return entries
            await asyncio.sleep(0.02)


async def test_every_device_of_the_patient_and_nobody_else_s_gets_the_push(world: World, sender: FakeSender) -> None:
    patient, other = world.patient(), world.patient("SB9876543210")
    await world.register(patient, "fcm-1")
    await world.register(patient, "fcm-2")
    await world.register(other, "fcm-3")

    await world.confirm_an_appointment(patient)
    await sender.wait_for(3)

    told = [(push.template, token) for token, push in sender.sent]
    assert sorted(told) == [
        (Template.APPOINTMENT_CONFIRMED, "fcm-1"),
        (Template.APPOINTMENT_CONFIRMED, "fcm-2"),
        (Template.DEVICE_REGISTERED, "fcm-1"),  # of the second; the second itself needs no push about it
    ]


async def test_the_push_names_the_message_that_waits_in_the_inbox(world: World, sender: FakeSender) -> None:
    patient = world.patient()
    device = await world.register(patient)

    await world.confirm_an_appointment(patient)
    await sender.wait_for(1)

    (message,) = await world.inbox(device)
    assert sender.sent[0][1].payload() == {"id": message["id"], "template": "appointment_confirmed"}


async def test_after_logout_nothing_is_sent(world: World, sender: FakeSender, database: Database) -> None:
    patient = world.patient()
    device = await world.register(patient)
    await world.client.delete(f"/devices/{device.id}", headers=device.headers)

    await world.confirm_an_appointment(patient)

    async with database.transaction() as session:
        assert list(await session.exec(select(OutboxEntry))) == []
    assert sender.sent == []


async def test_what_was_queued_before_logout_is_not_sent_after_it(
    world: World, sender: FakeSender, database: Database
) -> None:
    patient = world.patient()
    device = await world.register(patient)
    sender.gate.clear()
    for number in range(8):
        busy = world.patient(f"SB000000000{number}")
        await world.register(busy, f"busy-{number}")
        await world.confirm_an_appointment(busy)
    async with asyncio.timeout(60):
        while sender.attempts < 8:
            await asyncio.sleep(0.01)
    await world.confirm_an_appointment(patient)

    await world.client.delete(f"/devices/{device.id}", headers=device.headers)
    sender.gate.set()
    entries = await settled(database, 9)

    assert [entry.error for entry in entries if entry.device_id == device.id] == ["no_device"]
    assert device.fcm_token not in [token for token, _ in sender.sent]


async def test_a_shared_phone_gets_the_pushes_of_who_registered_last(
    world: World, sender: FakeSender, database: Database
) -> None:
    first, second = world.patient(), world.patient("SB9876543210")
    device_of_first = await world.register(first, "fcm-shared")
    device_of_second = await world.register(second, "fcm-shared")

    await world.confirm_an_appointment(first)
    await world.confirm_an_appointment(second)
    await settled(database, 1)

    (message,) = await world.inbox(device_of_second)
    assert [(token, push.id) for token, push in sender.sent] == [("fcm-shared", message["id"])]
    assert len(await world.inbox(device_of_first)) == 1  # the inbox is still theirs, it is only not announced there
    async with database.transaction() as session:
        device = (await session.exec(select(Device).where(Device.id == device_of_first.id))).one()
    assert device.push_address is None


def web_push_of(browser: Browser) -> dict[str, Any]:
    """A browser's subscription as wallets send it."""
    return {"push": {"kind": "web_push", **browser.subscription()}}


async def test_a_browser_says_later_where_pushes_reach_it_and_that_none_shall(
    world: World, sender: FakeSender, database: Database
) -> None:
    patient, browser = world.patient(), Browser("https://push.test/one")
    device = await world.register(patient, None)

    chosen = await world.client.put(f"/devices/{device.id}/push", json=web_push_of(browser), headers=device.headers)
    await world.confirm_an_appointment(patient)
    await sender.wait_for(1)
    revoked = await world.client.put(f"/devices/{device.id}/push", json={"push": None}, headers=device.headers)
    await world.confirm_an_appointment(patient)

    assert (chosen.status_code, revoked.status_code) == (204, 204)
    assert [address for address, _ in sender.sent] == [browser.endpoint]
    assert len(await world.inbox(device)) == 2
    async with database.transaction() as session:
        assert len(list(await session.exec(select(OutboxEntry)))) == 1


async def test_a_shared_browser_is_reached_for_who_opened_their_wallet_last(world: World, database: Database) -> None:
    browser = Browser("https://push.test/shared")
    devices = [await world.register(world.patient(f"SB000000000{number}"), None) for number in range(2)]

    for each in devices:
        await world.client.put(f"/devices/{each.id}/push", json=web_push_of(browser), headers=each.headers)

    async with database.transaction() as session:
        kept = {device.id: device.push_address for device in await session.exec(select(Device))}
    assert kept == {devices[0].id: None, devices[1].id: browser.endpoint}


async def test_nobody_says_where_another_s_device_is_reached(world: World) -> None:
    one, other = await world.register(world.patient()), await world.register(world.patient("SB9876543210"), "fcm-2")
    choice = web_push_of(Browser("https://push.test/one"))

    foreign = await world.client.put(f"/devices/{other.id}/push", json=choice, headers=one.headers)
    unknown = await world.client.put("/devices/0/push", json=choice, headers=one.headers)

    assert (foreign.status_code, foreign.json()) == (404, unknown.json())


async def test_a_slow_push_service_holds_up_no_request(world: World, sender: FakeSender) -> None:
    patient = world.patient()
    await world.register(patient)
    sender.gate.clear()

    async with asyncio.timeout(60):
        for _ in range(12):
            await world.confirm_an_appointment(patient)

    sender.gate.set()
    await sender.wait_for(12)
