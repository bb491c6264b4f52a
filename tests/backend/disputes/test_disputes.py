"""Sightings, and what patients say wasn't them."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlmodel import select

from backend.disputes import service
from backend.disputes.models import Dispute
from backend.sightings.models import Sighting
from tests.backend.parts import HOSPITAL_TOKEN, PAYER_TOKEN, Registered, World, claim_of, sighting_of, statuses_of
from vc_core.web.database import Database


async def dispute(world: World, device: Registered, message_id: str) -> httpx.Response:
    return await world.client.post("/disputes", json={"message_id": message_id}, headers=device.headers)


async def disputes(world: World, token: str, **query: str) -> list[dict[str, Any]]:
    answer = await world.client.get("/disputes", headers={"Authorization": f"Bearer {token}"}, params=query)
    assert answer.status_code == 200, answer.text
    listed: list[dict[str, Any]] = answer.json()["disputes"]
    return listed


async def test_a_sighting_is_told_to_the_patient_once(world: World, database: Database) -> None:
    patient = world.patient()
    device = await world.register(patient)

    answers = [await world.as_hospital("/sightings", sighting_of(patient), **{"Idempotency-Key": "1"}) for _ in "ab"]

    assert [answer.json() for answer in answers] == [answers[0].json()] * 2
    (message,) = await world.inbox(device)
    assert message["template"] == "card_shown"
    assert message["parameters"] == {
        "sighting_id": answers[0].json()["sighting_id"],
        "facility_name": "Issuing office",  # as the registry of these tests calls everybody
        "method": "qr",
        "checked_at": 1_790_000_000,
    }
    async with database.transaction() as session:
        assert len(list(await session.exec(select(Sighting)))) == 1


async def test_a_sighting_of_another_form_is_refused(world: World) -> None:
    for change in (
        {"health_id": "1100000000008"},
        {"facility_did": "Riverside"},
        {"method": "telepathy"},
        {"checked_at": -1},
        {"checked_at": 2**63},
        {"extra": 1},
    ):
        answer = await world.as_hospital("/sightings", sighting_of(world.patient()) | change)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), change


async def test_a_patient_disputes_a_sighting_and_a_claim_and_both_can_be_looked_into(world: World) -> None:
    patient = world.patient()
    device = await world.register(patient)
    sighting = (await world.as_hospital("/sightings", sighting_of(patient))).json()
    claim = (await world.as_hospital("/claims", claim_of(patient))).json()
    await world.as_payer(f"/claims/{claim['claim_id']}/approve")
    path, payer = f"/claims/{claim['claim_id']}", {"Authorization": f"Bearer {PAYER_TOKEN}"}
    before = await world.client.get(path, headers=payer)

    answers = []
    for message in await world.inbox(device):
        answers.append(await dispute(world, device, message["id"]))
        world.clock.advance(1)

    assert statuses_of(answers) == [201, 201]
    assert before.json() == {"status": "approved", "disputed": False}
    assert (await world.client.get(path, headers=payer)).json() == {"status": "approved", "disputed": True}
    listed = await disputes(world, HOSPITAL_TOKEN)
    assert [(each["kind"], each["subject_id"]) for each in listed] == [
        ("claim", claim["claim_id"]),
        ("sighting", sighting["sighting_id"]),
    ]
    assert {each["health_id"] for each in listed} == {patient.health_id}
    assert await disputes(world, PAYER_TOKEN) == listed[:1]


async def test_of_many_disputes_of_one_thing_at_once_one_is_recorded(world: World, database: Database) -> None:
    patient = world.patient()
    device = await world.register(patient)
    await world.as_hospital("/sightings", sighting_of(patient))
    (message,) = await world.inbox(device)

    answers = await asyncio.gather(*(dispute(world, device, message["id"]) for _ in range(8)))

    assert [answer.json() for answer in answers] == [answers[0].json()] * 8
    assert statuses_of(answers) == [201] * 8
    async with database.transaction() as session:
        assert len(list(await session.exec(select(Dispute)))) == 1


async def test_nobody_disputes_what_is_another_s(world: World, database: Database) -> None:
    """A1: another's message is as little there as one that does not exist."""
    patient = world.patient()
    device, foreign = await world.register(patient), await world.register(world.patient("SB9876543210"), "fcm-2")
    await world.as_hospital("/sightings", sighting_of(patient))
    (message,) = await world.inbox(device)

    answers = [await dispute(world, foreign, each) for each in (message["id"], "0" * 32)]

    assert statuses_of(answers) == [404, 404]
    assert answers[0].json() == answers[1].json()
    async with database.transaction() as session:
        assert list(await session.exec(select(Dispute))) == []


async def test_an_appointment_is_nothing_to_dispute(world: World) -> None:
    patient = world.patient()
    device = await world.register(patient)
    await world.confirm_an_appointment(patient)
    (message,) = await world.inbox(device)

    answer = await dispute(world, device, message["id"])

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_a_device_that_is_not_the_patient_s_is_logged_out(world: World) -> None:
    patient = world.patient()
    device, stranger = await world.register(patient), await world.register(patient, "fcm-2")
    messages = {each["parameters"]["device_id"]: each["id"] for each in await world.whole_inbox(device)}

    answers = [await dispute(world, device, messages[stranger.id]) for _ in range(2)]

    assert statuses_of(answers) == [201, 201]
    assert (await world.client.get("/inbox", headers=stranger.headers)).status_code == 401
    assert await world.inbox(device) == []
    assert await disputes(world, HOSPITAL_TOKEN) == []  # between the patient and the provider


async def test_disputes_are_read_page_by_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAGE_SIZE", 2)
    patient = world.patient()
    device = await world.register(patient)
    for _ in range(3):
        await world.as_hospital("/sightings", sighting_of(patient))
    for message in await world.inbox(device):
        await dispute(world, device, message["id"])

    first = await disputes(world, HOSPITAL_TOKEN)
    rest = await disputes(world, HOSPITAL_TOKEN, before=first[-1]["dispute_id"])
    lost = await world.client.get(
        "/disputes", headers={"Authorization": f"Bearer {HOSPITAL_TOKEN}"}, params={"before": "0"}
    )

    assert [len(first), len(rest)] == [2, 1]
    assert len({each["dispute_id"] for each in first + rest}) == 3
    assert (lost.status_code, lost.json()["code"]) == (400, "invalid_request")
