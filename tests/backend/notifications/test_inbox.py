"""What a patient reads."""

from __future__ import annotations

import asyncio

from tests.backend.parts import World, appointment_of, claim_of


async def test_messages_come_in_order_with_their_parameters(world: World) -> None:
    patient = world.patient()
    device = await world.register(patient)
    await world.confirm_an_appointment(patient)
    claim = (await world.as_hospital("/claims", claim_of(patient))).json()
    await world.as_payer(f"/claims/{claim['claim_id']}/approve")

    first, second = await world.inbox(device)

    assert first == {
        "id": first["id"],
        "template": "appointment_confirmed",
        "parameters": {"hospital_code": "10669", "starts_at": "2026-10-01T09:30:00+07:00"},
        "created_at": world.clock(),
        "opened_at": None,
    }
    assert second["template"] == "claim_approved"
    assert second["parameters"] == {
        "claim_id": claim["claim_id"],
        "hospital_code": "10669",
        "service_date": "2026-09-20",
        "amount_satang": 125_000,
    }


async def test_a_wallet_reads_on_from_where_it_was(world: World) -> None:
    patient = world.patient()
    device = await world.register(patient)
    for _ in range(3):
        await world.confirm_an_appointment(patient)
    first, *rest = await world.inbox(device)

    assert await world.inbox(device, after=first["id"]) == rest
    assert await world.inbox(device, after=rest[-1]["id"]) == []


async def test_a_wallet_can_not_read_on_from_another_s_message(world: World) -> None:
    patient, other = world.patient(), world.patient("SB9876543210")
    device, foreign_device = await world.register(patient), await world.register(other, "fcm-2")
    await world.confirm_an_appointment(other)
    (foreign,) = await world.inbox(foreign_device)

    answers = [
        await world.client.get("/inbox", headers=device.headers, params={"after": after})
        for after in (foreign["id"], "0" * 32)
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json() == answers[1].json()


async def test_opening_a_message_is_noted_once(world: World) -> None:
    patient = world.patient()
    device = await world.register(patient)
    await world.confirm_an_appointment(patient)
    (message,) = await world.inbox(device)
    world.clock.advance(60)

    opened = await world.client.get(f"/inbox/{message['id']}", headers=device.headers)
    first_opened_at = world.clock()
    world.clock.advance(60)
    again = await world.client.get(f"/inbox/{message['id']}", headers=device.headers)

    assert opened.json() == message | {"opened_at": first_opened_at}
    assert again.json() == opened.json()
    assert opened.headers["cache-control"] == "no-store"


async def test_another_s_message_is_not_there(world: World) -> None:
    patient, other = world.patient(), world.patient("SB9876543210")
    device, foreign_device = await world.register(patient), await world.register(other, "fcm-2")
    await world.confirm_an_appointment(other)
    (message,) = await world.inbox(foreign_device)

    foreign = await world.client.get(f"/inbox/{message['id']}", headers=device.headers)
    unknown = await world.client.get(f"/inbox/{'0' * 32}", headers=device.headers)

    assert (foreign.status_code, foreign.json()) == (404, unknown.json())
    assert (await world.inbox(foreign_device))[0]["opened_at"] is None


async def test_a_message_waits_for_a_patient_who_has_no_device_yet(world: World) -> None:
    patient = world.patient()
    await world.confirm_an_appointment(patient)

    device = await world.register(patient)

    assert [message["template"] for message in await world.inbox(device)] == ["appointment_confirmed"]


async def test_messages_at_the_same_time_all_arrive_and_in_an_order_without_gaps(world: World) -> None:
    patient = world.patient()
    device = await world.register(patient)

    await asyncio.gather(*(world.confirm_an_appointment(patient) for _ in range(12)))

    messages = await world.inbox(device)
    assert len({message["id"] for message in messages}) == 12
    assert await world.inbox(device, after=messages[5]["id"]) == messages[6:]


async def test_the_inbox_needs_a_device_token(world: World) -> None:
    headers = [{}, {"Authorization": "Bearer"}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}]

    answers = [await world.client.get("/inbox", headers=each) for each in headers]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(401, "unauthenticated")}


async def test_an_event_that_fails_leaves_no_message(world: World) -> None:
    patient = world.patient()
    device = await world.register(patient)
    asked = (await world.as_hospital("/appointments", appointment_of(patient))).json()
    path = f"/appointments/{asked['appointment_id']}/confirm"

    answers = [await world.as_hospital(path) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert len(await world.inbox(device)) == 1
