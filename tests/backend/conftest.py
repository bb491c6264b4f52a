"""The backend in process, over ASGI, on each kind of database."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from backend.app import assemble_app
from backend.devices.push_address import PushAddress
from backend.notifications.push import Push, PushError
from backend.settings import BackendSettings
from tests.backend.parts import HOSPITAL_TOKEN, PAYER_TOKEN, PUBLIC_URL, FakeRegistry, FakeStatuses, World
from tests.support.clock import SetClock
from tests.support.lifespan import lifespan_of
from vc_core.web.database import Database


class FakeSender:
    """Push services that note what they take, by token or endpoint; `faults` are raised first, and `gate` holds up."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Push]] = []
        self.faults: list[PushError] = []
        self.attempts = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def send(self, address: PushAddress, push: Push) -> None:
        self.attempts += 1
        await self.gate.wait()
        if self.faults:
            raise self.faults.pop(0)
        self.sent.append((address.to_columns()[0], push))

    async def close(self) -> None:
        pass

    async def wait_for(self, count: int) -> None:
        """Returns when so many pushes were taken."""
        async with asyncio.timeout(60):
            while len(self.sent) < count:
                await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings come from the tests, not from the environment that they happen to run in."""
    for name in [name for name in os.environ if name.upper().startswith("BACKEND_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> BackendSettings:
    return BackendSettings(
        public_url=PUBLIC_URL,
        database_url=database_url,
        chain_id=1337,
        did_registry="0x" + "01" * 20,
        trust_registry="0x" + "02" * 20,
        anchors="0x" + "03" * 20,
        hospital_token=SecretStr(HOSPITAL_TOKEN),
        payer_token=SecretStr(PAYER_TOKEN),
        firebase_service_account=tmp_path / "firebase.json",
        web_push_hosts="push.test",
    )


@pytest.fixture
async def sender() -> FakeSender:
    return FakeSender()


@pytest.fixture
async def world(settings: BackendSettings, clock: SetClock, sender: FakeSender) -> AsyncIterator[World]:
    """The backend, started, with a client that speaks to it."""
    async with _running(settings, clock, sender, FakeRegistry(clock)) as world:
        yield world


@pytest.fixture
async def other_process(world: World, settings: BackendSettings, sender: FakeSender) -> AsyncIterator[World]:
    """A second process of the same backend, on the same database."""
    async with _running(settings, world.clock, sender, world.registry) as other:
        yield other


@asynccontextmanager
async def _running(
    settings: BackendSettings, clock: SetClock, sender: FakeSender, registry: FakeRegistry
) -> AsyncIterator[World]:
    statuses = FakeStatuses()
    app = assemble_app(
        settings,
        clock=clock,
        database=Database(settings.database_url),
        registry=registry,
        statuses=statuses,
        sender=sender,
    )
    async with lifespan_of(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
            yield World(client, clock, registry, statuses)


@pytest.fixture
async def database(settings: BackendSettings) -> AsyncIterator[Database]:
    """A second way into the backend's database, to look at what is kept."""
    database = Database(settings.database_url)
    yield database
    await database.close()
