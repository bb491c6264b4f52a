"""The backend as a whole: what every service has, and its real parts put together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend.app import create_app
from backend.devices.models import Device
from backend.settings import BackendSettings, FcmWebConfig
from backend.tables import METADATA
from sabai.fcm_stand_in import create_stand_in_service_account
from tests.backend.conftest import FakeSender
from tests.backend.parts import (
    DOCUMENT_NUMBER,
    HOSPITAL_TOKEN,
    NAME,
    PAYER_TOKEN,
    PUBLIC_URL,
    World,
    appointment_of,
    claim_of,
)
from tests.support.chain import Chain
from tests.support.clock import SetClock
from tests.support.fcm import running_stand_in
from tests.support.fcm_web import WEB_APP
from tests.support.hostile_texts import errors_of_ours
from tests.support.lifespan import lifespan_of
from tests.support.logs import all_logs
from tests.support.push_service import Browser
from vc_core.errors import SettingsError
from vc_core.http import HttpClient
from vc_core.ledger.snapshot import parse_registry_snapshot
from vc_core.web.database import Database


async def test_it_is_alive_and_ready(world: World) -> None:
    assert (await world.client.get("/healthz")).json() == {"status": "ok"}
    assert (await world.client.get("/readyz")).json()["parts"] == {"database": True, "registry": True}


async def test_it_is_not_ready_while_the_registry_is_unknown(world: World) -> None:
    world.registry.known = False

    assert (await world.client.get("/readyz")).status_code == 503


async def test_a_wallet_reads_the_registry_without_any_token(world: World) -> None:
    answer = await world.client.get("/registry")

    assert parse_registry_snapshot(answer.json()) == world.registry.snapshot()


async def test_without_a_push_service_there_is_nothing_to_register_with(world: World) -> None:
    assert (await world.client.get("/push-services")).json() == {"fcm_web": None, "web_push": None}


async def test_a_body_over_the_limit_is_refused(world: World) -> None:
    answer = await world.client.post("/devices", content=b"x" * (64 * 1024 + 1))

    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


async def test_every_route_is_documented(world: World) -> None:
    document = (await world.client.get("/openapi.json")).json()

    operations = {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert {
        "GET /registry",
        "POST /device-challenges",
        "POST /devices",
        "DELETE /devices/{device_id}",
        "GET /inbox",
        "GET /inbox/{message_id}",
        "POST /appointments",
        "POST /appointments/{appointment_id}/confirm",
        "POST /claims",
        "POST /claims/{claim_id}/approve",
        "GET /claims/{claim_id}",
        "PUT /devices/{device_id}/push",
        "GET /push-services",
        "POST /sightings",
        "POST /disputes",
        "GET /disputes",
    } <= operations.keys()
    for name, operation in operations.items():
        assert operation["summary"], name
        assert all(response["description"] for response in operation["responses"].values()), name


async def test_no_text_of_a_request_is_an_error_of_ours(world: World) -> None:
    device = await world.register(world.patient())
    tokens = [{"Authorization": f"Bearer {token}"} for token in (HOSPITAL_TOKEN, PAYER_TOKEN)]
    moments = {"starts_at": "2026-10-01T09:30:00+07:00", "service_date": "2026-09-20"}

    asked, failed = await errors_of_ours(world.client, [*tokens, device.headers], known=moments)

    assert failed == []
    assert asked > 50


async def test_no_personal_data_leaves_in_logs_or_pushes(
    world: World, sender: FakeSender, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    patient = world.patient()
    with all_logs():
        device = await world.register(patient, "fcm-canary-token")
        browser = await world.register(patient, None)
        push = {"kind": "web_push", **Browser("https://push.test/canary-endpoint").subscription()}
        await world.client.put(f"/devices/{browser.id}/push", json={"push": push}, headers=browser.headers)
        await world.confirm_an_appointment(patient)
        claim = await world.as_hospital("/claims", claim_of(patient) | {"amount_satang": 987_654_321})
        await world.as_payer(f"/claims/{claim.json()['claim_id']}/approve")
        await world.inbox(device)
        await world.as_hospital("/appointments", appointment_of(patient) | {"hospital_code": NAME})
        await sender.wait_for(5)

    logged = capsys.readouterr().err
    pushed = json.dumps([push.payload() for _, push in sender.sent], ensure_ascii=False)
    device_token = device.headers["Authorization"].removeprefix("Bearer ")
    canaries = [NAME, DOCUMENT_NUMBER, patient.health_id, "987654321", "2026-10-01", "canary-"]
    assert '"route":"/devices"' in logged
    assert [each for each in [*canaries, device_token, HOSPITAL_TOKEN] if each in logged + pushed] == []
    assert await kept_anywhere(database, [NAME, DOCUMENT_NUMBER, device_token]) == []


async def kept_anywhere(database: Database, canaries: list[str]) -> list[str]:
    """Those of the canaries that any of the backend's tables holds."""
    dump = ""
    async with database.transaction() as session:
        connection = await session.connection()
        for table in METADATA.sorted_tables:
            rows = await connection.execute(text(f'SELECT * FROM "{table.name}"'))  # noqa: S608 - our own table names
            dump += "".join(repr(tuple(row)) for row in rows)
    assert "SB0123456789" in dump
    return [canary for canary in canaries if canary in dump]


async def test_the_real_parts_put_together_bring_a_message_to_a_phone(
    settings: BackendSettings, clock: SetClock, tmp_path: Path
) -> None:
    chain = await Chain.create(tmp_path / "ledger.sqlite", clock)
    http = HttpClient(allow_loopback=True)
    async with running_stand_in() as stand_in:
        path = tmp_path / "firebase.json"
        path.write_text(json.dumps(stand_in.service_account))
        changes: dict[str, Any] = {
            "chain_id": chain.ledger.chain_id,
            "did_registry": "0x" + chain.addresses.did_registry.hex(),
            "trust_registry": "0x" + chain.addresses.trust_registry.hex(),
            "anchors": "0x" + chain.addresses.anchors.hex(),
            "firebase_service_account": path,
            "firebase_messaging_url": stand_in.url,
            "fcm_web_config": FcmWebConfig.model_validate(WEB_APP | {"measurementId": "G-1"}),
            "fcm_web_vapid_key": "BA",
        }
        app = create_app(settings.model_copy(update=changes), clock=clock, ledger=chain.ledger, http=http)
        async with (
            lifespan_of(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL) as client,
        ):
            assert (await client.get("/readyz")).status_code == 200
            services = (await client.get("/push-services")).json()
            assert services == {"fcm_web": {"config": WEB_APP, "vapid_key": "BA"}, "web_push": None}
            snapshot = parse_registry_snapshot((await client.get("/registry")).json())
            assert snapshot.addresses == chain.addresses
            database = Database(settings.database_url)
            async with database.transaction() as session:
                session.add(
                    Device(
                        health_id="SB0123456789",
                        token_hash="0",
                        push_address="fcm-1",
                        language="th",
                        registered_at=clock(),
                    )
                )
            headers = {"Authorization": f"Bearer {HOSPITAL_TOKEN}"}
            body = {
                "health_id": "SB0123456789",
                "hospital_code": "10669",
                "starts_at": "2026-10-01T09:30:00+07:00",
            }
            asked = await client.post("/appointments", json=body, headers=headers)
            await client.post(f"/appointments/{asked.json()['appointment_id']}/confirm", headers=headers)

            (message,) = await stand_in.fcm.wait_for_message("fcm-1")

            assert message.keys() == {"token", "data"}
            assert message["data"].keys() == {"id", "template"}
            await database.close()
    await http.close()
    chain.ledger.close()


async def test_it_does_not_start_with_settings_that_can_not_work(
    settings: BackendSettings, clock: SetClock, tmp_path: Path
) -> None:
    chain = await Chain.create(tmp_path / "ledger.sqlite", clock)
    http = HttpClient()
    account = tmp_path / "firebase.json"
    account.write_text(json.dumps(create_stand_in_service_account("http://127.0.0.1:9/token")))
    other_project = FcmWebConfig.model_validate(WEB_APP | {"projectId": "another"})
    changes: dict[str, dict[str, Any]] = {
        "public_url": {"public_url": "https://backend.test/"},
        "another Firebase project": {
            "firebase_service_account": account,
            "fcm_web_config": other_project,
            "fcm_web_vapid_key": "BA",
        },
    }

    for problem, change in changes.items():
        with pytest.raises(SettingsError, match=problem):
            create_app(settings.model_copy(update=change), clock=clock, ledger=chain.ledger, http=http)
    await http.close()
    chain.ledger.close()
