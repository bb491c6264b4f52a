"""Who may register a device, and how often."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from typing import Any

import pytest
from sqlmodel import func, select

from backend.devices.models import Device, UsedDeviceChallenge
from backend.devices.push_address import PushHosts
from backend.devices.service import KEEP_LAPSED_SECONDS, MAX_DEVICES
from backend.tables import TABLES
from tests.backend.parts import PUBLIC_URL, World, statuses_of
from tests.support.push_service import Browser
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.encoding import base64url_decode, base64url_encode
from vc_core.formats.credential import StatusReference
from vc_core.formats.qr_pass import create_qr_pass, create_qr_presentation
from vc_core.formats.status_list import Status
from vc_core.web.challenges import LIFETIME_SECONDS, Challenges
from vc_core.web.database import Database


async def test_a_patient_registers_a_device_and_reads_the_inbox(world: World) -> None:
    device = await world.register(world.patient())

    assert await world.inbox(device) == []


async def test_challenges_and_registrations_are_not_cached(world: World) -> None:
    challenge = await world.client.post("/device-challenges")
    registered = await world.send_registration(world.patient().present(challenge.json()["nonce"], world.clock()))

    assert challenge.headers["cache-control"] == registered.headers["cache-control"] == "no-store"
    assert challenge.json()["expires_at"] == world.clock() + LIFETIME_SECONDS
    assert len(base64url_decode(registered.json()["device_token"])) == 32


async def test_a_presentation_registers_one_device(world: World) -> None:
    presentation = world.patient().present(await world.nonce(), world.clock())

    first = await world.send_registration(presentation, "fcm-1")
    second = await world.send_registration(presentation, "fcm-2")

    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (422, "REPLAYED")


async def test_a_challenge_is_answered_once(world: World) -> None:
    nonce = await world.nonce()
    await world.send_registration(world.patient().present(nonce, world.clock()))

    again = await world.send_registration(world.patient("SB9876543210").present(nonce, world.clock()), "fcm-2")

    assert (again.status_code, again.json()["code"]) == (422, "WRONG_AUDIENCE")


async def test_of_many_answers_at_once_to_a_challenge_one_counts(
    world: World, other_process: World, database: Database
) -> None:
    """Also at a process that did not make it."""
    nonce = await world.nonce()
    patients = [world.patient(f"SB000000000{digit}") for digit in range(10)]
    answers = await asyncio.gather(
        *(
            (world, other_process)[number % 2].send_registration(patient.present(nonce, world.clock()), f"fcm-{number}")
            for number, patient in enumerate(patients)
        )
    )

    assert statuses_of(answers) == [201] + [422] * 9
    async with database.transaction() as session:
        assert len((await session.exec(select(Device))).all()) == 1


async def test_of_one_presentation_sent_many_times_at_once_one_counts(world: World) -> None:
    presentation = world.patient().present(await world.nonce(), world.clock())

    answers = await asyncio.gather(*(world.send_registration(presentation, f"fcm-{each}") for each in range(10)))

    assert statuses_of(answers) == [201] + [422] * 9
    assert {answer.json()["code"] for answer in answers if answer.status_code == 422} == {"REPLAYED"}


async def test_two_patients_who_register_one_phone_at_once_do_not_both_have_it(
    world: World, database: Database
) -> None:
    presentations = [
        world.patient(f"SB000000000{digit}").present(await world.nonce(), world.clock()) for digit in range(6)
    ]
    answers = await asyncio.gather(*(world.send_registration(each, "fcm-shared") for each in presentations))

    assert {answer.status_code for answer in answers} <= {201, 409}
    async with database.transaction() as session:
        assert len((await session.exec(select(Device).where(Device.push_address == "fcm-shared"))).all()) == 1


async def test_a_challenge_lapses(world: World) -> None:
    nonce = await world.nonce()
    world.clock.advance(LIFETIME_SECONDS)

    answer = await world.send_registration(world.patient().present(nonce, world.clock()))

    assert answer.json()["code"] == "WRONG_AUDIENCE"


async def test_a_made_up_nonce_is_no_answer(world: World) -> None:
    foreign = base64url_encode(Challenges(bytes(32), secrets.token_bytes).create("x", now=world.clock()))
    for nonce in ("A" * 43, foreign, "made-up", "\x00"):
        answer = await world.send_registration(world.patient().present(nonce, world.clock()))
        assert (answer.status_code, answer.json()["code"]) == (422, "WRONG_AUDIENCE")


async def test_a_presentation_for_another_service_is_refused(world: World) -> None:
    presentation = world.patient().present(await world.nonce(), world.clock(), audience="https://desk.test")

    assert (await world.send_registration(presentation)).json()["code"] == "WRONG_AUDIENCE"


async def test_a_coverage_registers_nothing(world: World) -> None:
    presentation = world.patient().present(await world.nonce(), world.clock(), type_name="InsuranceCoverage")

    assert (await world.send_registration(presentation)).json()["code"] == "NOT_A_CREDENTIAL"


async def test_a_qr_pass_without_an_audience_registers_nothing_though_it_answers_our_challenge(world: World) -> None:
    """A desk that passes our challenge on could otherwise register its own phone as the patient's."""
    patient, now = world.patient(), world.clock()
    qr_pass = create_qr_pass(
        HEALTH_ID,
        patient.claims(),
        verification_method="did:ethr:0x539:0x00000000000000000000000000000000000000aa#delegate-1",
        signer=patient.issuer_key,
        issued_at=now - 60,
        expires_at=now + 3600,
        status=StatusReference("https://issuer.test/status/1", 5),
        holder_key=patient.holder_key.public_key,
    )
    shown = create_qr_presentation(qr_pass, holder=patient.holder_key, presented_at=now, nonce=await world.nonce())

    answer = await world.send_registration(shown)

    assert (answer.status_code, answer.json()["code"]) == (422, "NOT_A_CREDENTIAL")


async def test_only_the_holder_registers(world: World) -> None:
    patient, thief = world.patient(), world.patient()
    stolen = patient.present(await world.nonce(), world.clock())
    own_proof = thief.present(await world.nonce(), world.clock()).rpartition("~")[2]

    answer = await world.send_registration(stolen.rpartition("~")[0] + "~" + own_proof)

    assert answer.status_code == 422
    assert answer.json()["code"] in ("HOLDER_KEY", "MALFORMED")


async def test_a_credential_of_a_stranger_is_refused(world: World) -> None:
    answer = await world.send_registration(world.stranger().present(await world.nonce(), world.clock()))

    assert answer.json()["code"] == "BAD_SIGNATURE"


async def test_a_revoked_health_id_registers_nothing_and_leaves_the_challenge_open(world: World) -> None:
    presentation = world.patient().present(await world.nonce(), world.clock())
    world.statuses.known = Status.INVALID
    assert (await world.send_registration(presentation)).json()["code"] == "REVOKED"

    world.statuses.known = Status.VALID
    assert (await world.send_registration(presentation)).status_code == 201


async def test_what_is_no_presentation_is_a_clear_refusal(world: World) -> None:
    for nonsense, code in (
        ("", "NOT_A_CREDENTIAL"),
        ("a~b", "NOT_A_CREDENTIAL"),
        ("a.b.c~d", "MALFORMED"),
        ("x" * 66_000, "payload_too_large"),
    ):
        answer = await world.send_registration(nonsense)
        assert answer.json()["code"] == code
        assert 400 <= answer.status_code < 500


async def test_a_form_that_is_not_the_documented_one_is_refused_without_an_echo(world: World) -> None:
    good = {"presentation": "a~b", "fcm_token": "fcm-1", "language": "th"}
    for change in (
        {"language": "xx"},
        {"fcm_token": ""},
        {"fcm_token": "a b"},
        {"fcm_token": 7},
        {"extra": "canary"},
        {"push": {"kind": "fcm", "token": "fcm-2"}},
    ):
        answer = await world.client.post("/devices", json=good | change)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
        assert "canary" not in answer.text.replace("body.extra", "")


async def test_an_address_of_another_form_is_refused_without_an_echo(world: World) -> None:
    changes: list[dict[str, Any]] = [
        {"endpoint": "http://push.test/canary"},
        {"endpoint": "https://canary@push.test/"},
        {"endpoint": "https://push.test/#canary"},
        {"endpoint": "https://push.test/ca nary"},
        {"endpoint": "ftp://127.0.0.1/canary"},
        {"endpoint": "https://push.test:65536/canary"},
        {"endpoint": "https://push.test:0/canary"},
        {"endpoint": "https://push.test:canary/"},
        {"endpoint": "https://push.test/canary" + "x" * 1024},
        {"keys": {"p256dh": base64url_encode(b"\x04" + b"c" * 64), "auth": base64url_encode(bytes(16))}},
        {"keys": {"p256dh": "canary", "auth": base64url_encode(bytes(16))}},
        {"keys": {"auth": base64url_encode(bytes(16))}},
        {"kind": "smoke_signals"},
        {"expirationTime": None},
    ]
    for change in changes:
        push = {"kind": "web_push", **Browser("https://push.test/one").subscription()} | change
        answer = await world.client.post("/devices", json={"presentation": "a~b", "language": "th", "push": push})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), change
        assert "canary" not in answer.text, change


async def test_an_address_at_a_host_that_nothing_is_pushed_to_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = await world.register(world.patient())
    monkeypatch.setattr(PushHosts, "has", lambda _hosts, endpoint: "evil" not in endpoint)

    for host, status in (("evil.test", 400), ("push.test", 204)):
        push = {"kind": "web_push", **Browser(f"https://{host}/one").subscription()}
        chosen = await world.client.put(f"/devices/{device.id}/push", json={"push": push}, headers=device.headers)
        assert chosen.status_code == status
    registration = {"presentation": "a~b", "language": "th", "push": {**push, "endpoint": "https://evil.test/two"}}
    assert (await world.client.post("/devices", json=registration)).json()["code"] == "invalid_request"


async def test_the_others_are_told_of_a_device_and_of_whose_it_is(world: World) -> None:
    patient = world.patient()
    first = await world.register(patient, "fcm-1")
    second = await world.register(patient, "fcm-2")

    told = [(each["template"], each["parameters"]) for each in await world.whole_inbox(first)]

    assert told == [("device_registered", {"device_id": each.id}) for each in (first, second)]


async def test_the_device_token_is_kept_as_a_hash_only(world: World, database: Database) -> None:
    device = await world.register(world.patient())
    token = device.headers["Authorization"].removeprefix("Bearer ")

    async with database.transaction() as session:
        kept = (await session.exec(select(Device))).one()

    assert kept.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in repr(kept)


async def test_a_patient_has_ten_devices_and_the_oldest_goes(world: World) -> None:
    patient = world.patient()
    devices = []
    for number in range(MAX_DEVICES + 1):
        devices.append(await world.register(patient, f"fcm-{number}"))
        world.clock.advance(1)

    oldest = await world.client.get("/inbox", headers=devices[0].headers)

    assert (oldest.status_code, oldest.json()["code"]) == (401, "unauthenticated")
    for device in devices[1:]:
        assert await world.inbox(device) == []


async def test_of_many_registrations_of_a_patient_at_once_only_so_many_count(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.devices.service.REGISTRATIONS_AN_HOUR", 3)
    patient, other = world.patient(), world.patient("SB9876543210")
    presentations = [patient.present(await world.nonce(), world.clock()) for _ in range(8)]

    answers = await asyncio.gather(*(world.send_registration(each, None) for each in presentations))

    assert statuses_of(answers) == [201] * 3 + [429] * 5
    refused = {answer.headers["retry-after"] for answer in answers if answer.status_code == 429}
    assert refused == {"3600"}
    await world.register(other, "fcm-2")
    world.clock.advance(3600)
    await world.register(patient, None)


async def test_a_new_registration_of_a_phone_replaces_the_patient_s_old_one(world: World, database: Database) -> None:
    patient = world.patient()
    before = await world.register(patient, "fcm-1")
    after = await world.register(patient, "fcm-1")

    assert (await world.client.get("/inbox", headers=before.headers)).status_code == 401
    assert await world.inbox(after) == []
    async with database.transaction() as session:
        assert len((await session.exec(select(Device))).all()) == 1


async def test_a_device_logs_itself_out_and_no_other(world: World) -> None:
    one, other = await world.register(world.patient(), "fcm-1"), await world.register(world.patient(), "fcm-2")

    foreign = await world.client.delete(f"/devices/{other.id}", headers=one.headers)
    unknown = await world.client.delete("/devices/0", headers=one.headers)
    own = await world.client.delete(f"/devices/{one.id}", headers=one.headers)
    again = await world.client.delete(f"/devices/{one.id}", headers=one.headers)

    assert [answer.status_code for answer in (foreign, unknown, own, again)] == [404, 404, 204, 401]
    assert foreign.json() == unknown.json()
    assert await world.inbox(other) == []


async def test_asking_for_challenges_writes_nothing_and_stops_nobody(world: World, database: Database) -> None:
    """But for the secret behind them, which the first of all wrote."""
    answered = await world.nonce()

    async def count_writes() -> int:
        async with database.transaction() as session:
            counted = [(await session.exec(select(func.count()).select_from(each))).one() for each in TABLES]
            return sum(counted)

    before = await count_writes()
    nonces = {await world.nonce() for _ in range(50)}
    refused = await world.send_registration(world.stranger().present(nonces.pop(), world.clock()))

    assert len(nonces) == 49
    assert refused.json()["code"] == "BAD_SIGNATURE"
    assert await count_writes() == before
    assert (await world.send_registration(world.patient().present(answered, world.clock()))).status_code == 201


async def test_what_was_used_is_forgotten_a_day_after_it_lapsed(world: World, database: Database) -> None:
    used = await world.nonce()
    await world.send_registration(world.patient().present(used, world.clock()))
    world.clock.advance(LIFETIME_SECONDS + KEEP_LAPSED_SECONDS)
    await world.register(world.patient(), "fcm-2")
    world.clock.advance(-LIFETIME_SECONDS - KEEP_LAPSED_SECONDS)
    again = await world.send_registration(world.patient("SB9876543210").present(used, world.clock()), "fcm-3")
    world.clock.advance(LIFETIME_SECONDS + KEEP_LAPSED_SECONDS + 60)
    await world.register(world.patient(), "fcm-2")

    assert again.json()["code"] == "WRONG_AUDIENCE"
    async with database.transaction() as session:
        assert len((await session.exec(select(UsedDeviceChallenge))).all()) == 2


async def test_the_audience_is_the_configured_url_whatever_the_host_header_says(world: World) -> None:
    presentation = world.patient().present(await world.nonce(), world.clock(), audience="https://evil.test")
    registration = {"presentation": presentation, "fcm_token": "fcm-1", "language": "en"}

    answer = await world.client.post("/devices", json=registration, headers={"Host": "evil.test"})

    assert answer.json()["code"] == "WRONG_AUDIENCE"
    assert PUBLIC_URL != "https://evil.test"
