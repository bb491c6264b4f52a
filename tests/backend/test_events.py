"""Appointments and claims: who may do what, once, and that nothing shows whether a patient is known."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.backend.parts import HOSPITAL_TOKEN, PAYER_TOKEN, World, appointment_of, claim_of, sighting_of, statuses_of

CREATING = {"/appointments": appointment_of, "/claims": claim_of, "/sightings": sighting_of}
NONE = "0" * 32
"""An id that nothing has."""


async def test_an_appointment_is_confirmed_once(world: World) -> None:
    asked = await world.as_hospital("/appointments", appointment_of(world.patient()))
    assert asked.json()["status"] == "requested"
    path = f"/appointments/{asked.json()['appointment_id']}/confirm"

    answers = await asyncio.gather(*(world.as_hospital(path) for _ in range(8)))

    assert statuses_of(answers) == [200] + [409] * 7
    assert next(answer for answer in answers if answer.status_code == 200).json() == {"status": "confirmed"}


async def test_a_claim_is_approved_once(world: World) -> None:
    submitted = await world.as_hospital("/claims", claim_of(world.patient()))
    assert submitted.json()["status"] == "submitted"
    path = f"/claims/{submitted.json()['claim_id']}/approve"

    answers = await asyncio.gather(*(world.as_payer(path) for _ in range(8)))

    assert statuses_of(answers) == [200] + [409] * 7
    assert next(answer for answer in answers if answer.status_code == 200).json() == {
        "status": "approved",
        "disputed": False,
    }


@pytest.mark.parametrize("path", [f"/appointments/{NONE}/confirm", f"/claims/{NONE}/approve"])
async def test_what_is_not_there_is_not_found(world: World, path: str) -> None:
    token = HOSPITAL_TOKEN if path.startswith("/appointments") else PAYER_TOKEN

    answer = await world.client.post(path, headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_every_route_takes_its_own_role_s_token_only(world: World) -> None:
    patient = world.patient()
    device = await world.register(patient)
    tokens = {
        "hospital": f"Bearer {HOSPITAL_TOKEN}",
        "payer": f"Bearer {PAYER_TOKEN}",
        "device": device.headers["Authorization"],
        "nobody": "Bearer x",
    }
    routes: list[tuple[str, str, Any, str, int]] = [
        ("POST", "/appointments", appointment_of(patient), "hospital", 201),
        ("POST", f"/appointments/{NONE}/confirm", None, "hospital", 404),
        ("POST", "/claims", claim_of(patient), "hospital", 201),
        ("POST", f"/claims/{NONE}/approve", None, "payer", 404),
        ("GET", f"/claims/{NONE}", None, "hospital payer", 404),
        ("POST", "/sightings", sighting_of(patient), "hospital", 201),
        ("POST", "/disputes", {"message_id": NONE}, "device", 404),
        ("GET", "/disputes", None, "hospital payer", 200),
        ("GET", "/inbox", None, "device", 200),
        ("GET", f"/inbox/{NONE}", None, "device", 404),
        ("PUT", "/devices/0/push", {"push": None}, "device", 404),
        ("DELETE", "/devices/0", None, "device", 404),
    ]
    for method, path, body, roles, expected in routes:
        for name, token in tokens.items():
            answer = await world.client.request(method, path, json=body, headers={"Authorization": token})
            assert answer.status_code == (expected if name in roles.split() else 401), (path, name)


@pytest.mark.parametrize("path", CREATING)
async def test_a_known_and_an_unknown_patient_get_the_same_reply(world: World, path: str) -> None:
    known, unknown = world.patient(), world.patient("SB9876543210")
    await world.register(known)

    answers = [await world.as_hospital(path, CREATING[path](patient)) for patient in (known, unknown)]

    shapes = [(answer.status_code, {**answer.json(), next(iter(answer.json())): "id"}) for answer in answers]
    assert shapes[0] == shapes[1]
    assert shapes[0][0] == 201
    assert [len(answer.content) for answer in answers] == [len(answers[0].content)] * 2


@pytest.mark.parametrize("path", CREATING)
async def test_the_same_key_and_body_get_the_same_answer(world: World, path: str) -> None:
    body = CREATING[path](world.patient())

    first = await world.as_hospital(path, body, **{"Idempotency-Key": "key-1"})
    again = await world.as_hospital(path, dict(reversed(body.items())), **{"Idempotency-Key": "key-1"})
    fresh = await world.as_hospital(path, body, **{"Idempotency-Key": "key-2"})

    assert (first.status_code, again.status_code, fresh.status_code) == (201, 201, 201)
    assert again.json() == first.json() != fresh.json()


@pytest.mark.parametrize("path", CREATING)
async def test_the_same_key_with_another_body_is_a_conflict(world: World, path: str) -> None:
    body = CREATING[path](world.patient())
    await world.as_hospital(path, body, **{"Idempotency-Key": "key-1"})

    other = await world.as_hospital(path, body | {"health_id": "SB9876543210"}, **{"Idempotency-Key": "key-1"})

    assert (other.status_code, other.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize("path", CREATING)
async def test_of_equal_requests_at_once_one_acts(world: World, path: str) -> None:
    body = CREATING[path](world.patient())

    answers = await asyncio.gather(*(world.as_hospital(path, body, **{"Idempotency-Key": "key-1"}) for _ in range(10)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1


@pytest.mark.parametrize("path", CREATING)
async def test_of_different_requests_at_once_with_one_key_one_wins(world: World, path: str) -> None:
    bodies = [CREATING[path](world.patient()) | {"health_id": f"SB000000000{digit}"} for digit in range(8)]

    answers = await asyncio.gather(*(world.as_hospital(path, body, **{"Idempotency-Key": "key-1"}) for body in bodies))

    assert statuses_of(answers) == [201] + [409] * 7


async def test_a_key_of_one_kind_is_none_of_another(world: World) -> None:
    patient = world.patient()

    answers = [
        await world.as_hospital(path, create(patient), **{"Idempotency-Key": "key-1"})
        for path, create in CREATING.items()
    ]

    assert statuses_of(answers) == [201] * len(CREATING)


async def test_the_answer_to_a_key_stays_though_the_appointment_goes_on(world: World) -> None:
    body = appointment_of(world.patient())
    first = await world.as_hospital("/appointments", body, **{"Idempotency-Key": "key-1"})
    await world.as_hospital(f"/appointments/{first.json()['appointment_id']}/confirm")

    assert (await world.as_hospital("/appointments", body, **{"Idempotency-Key": "key-1"})).json() == first.json()


NOT_DOCUMENTED: list[tuple[str, dict[str, Any]]] = [
    ("/appointments", {"starts_at": "inf"}),
    ("/appointments", {"starts_at": "2026-10-01"}),
    ("/appointments", {"starts_at": "2026-10-01T09:30:00"}),
    ("/appointments", {"starts_at": "2026-13-01T09:30:00Z"}),
    ("/appointments", {"starts_at": "๒๐๒๖-10-01T09:30:00Z"}),
    ("/appointments", {"starts_at": 1_790_000_000}),
    ("/appointments", {"starts_at": "2026-10-01T09:30:00+99:00"}),
    ("/appointments", {"health_id": "1100000000008"}),
    ("/appointments", {"health_id": "SB012345678U"}),
    ("/appointments", {"health_id": None}),
    ("/appointments", {"hospital_code": "123456"}),
    ("/appointments", {"hospital_code": "๑๒๓๔๕"}),
    ("/appointments", {"canary": "canary"}),
    ("/claims", {"service_date": "inf"}),
    ("/claims", {"service_date": "20260920"}),
    ("/claims", {"amount_satang": 0}),
    ("/claims", {"amount_satang": -1}),
    ("/claims", {"amount_satang": 1.5}),
    ("/claims", {"amount_satang": "100"}),
    ("/claims", {"amount_satang": True}),
    ("/claims", {"amount_satang": 10**30}),
]


async def test_what_is_not_of_the_documented_form_is_refused_without_an_echo(world: World) -> None:
    for path, change in NOT_DOCUMENTED:
        answer = await world.as_hospital(path, CREATING[path](world.patient()) | change)

        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), change
        for value in change.values():
            if isinstance(value, str):
                assert value == "canary" or value not in answer.text


async def test_json_that_is_none_is_refused(world: World) -> None:
    headers = {"Authorization": f"Bearer {HOSPITAL_TOKEN}", "Content-Type": "application/json"}
    contents = (b"", b"{", b'{"amount_satang": NaN}', b'{"amount_satang": Infinity}', b"[" * 5000, b"\xff")
    for content in contents:
        answer = await world.client.post("/claims", content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), content[:20]


async def test_a_bad_idempotency_key_is_refused(world: World) -> None:
    for key in ("", "x" * 129, "with space", "ไทย"):
        answer = await world.client.post(
            "/claims",
            json=claim_of(world.patient()),
            headers=[(b"Authorization", f"Bearer {HOSPITAL_TOKEN}".encode()), (b"Idempotency-Key", key.encode())],
        )

        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), key
