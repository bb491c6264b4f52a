"""What the wallets' provider is told of accepted cards: once, later if need be, and nothing to anybody's log."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from tests.conftest import NOW
from tests.support.clock import SetClock
from tests.support.logs import all_logs
from tests.verifier.conftest import FACILITY_DID, OpenDesk, Registry, create_settings
from vc_core.http import HttpClient
from vc_core.web.database import Database
from verifier.app import MIGRATIONS
from verifier.sightings.models import OwedSighting
from verifier.sightings.repository import SightingRepository
from verifier.sightings.service import FIRST_RETRY_SECONDS, KEEP_TRYING_SECONDS, SightingReporter

HEALTH_ID = "SB0123456789"
PROVIDER = {"backend_url": "https://provider.test", "backend_token": SecretStr("token-of-the-hospital-there")}


@dataclass
class Provider:
    """The wallets' provider: what it was told, and what it says next."""

    requests: list[httpx.Request] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        status = self.statuses.pop(0) if self.statuses else 201
        if status == 0:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(status, json={"sighting_id": "1"})


@dataclass
class Telling:
    """A reporter with its database and provider."""

    database: Database
    provider: Provider
    reporter: SightingReporter

    async def owe(self) -> None:
        owed = OwedSighting(health_id=HEALTH_ID, method="qr", checked_at=NOW, due_at=NOW)
        await self.database.write(lambda connection: SightingRepository(connection).add([owed]))

    async def owed(self) -> list[OwedSighting]:
        return await owed_in(self.database)


async def owed_in(database: Database) -> list[OwedSighting]:
    """All that is owed, due or not."""
    return await database.write(lambda connection: SightingRepository(connection).load_due(now=2**40, limit=100))


@pytest.fixture
async def telling(registry: Registry, database_url: str, clock: SetClock) -> AsyncIterator[Telling]:
    database, provider = Database(database_url), Provider()
    await database.migrate(MIGRATIONS)
    http = HttpClient(transport=httpx.MockTransport(provider.answer))
    settings = create_settings(registry, database_url, **PROVIDER)
    yield Telling(database, provider, SightingReporter(settings, http=http, database=database, clock=clock))
    await http.close()
    await database.close()


async def test_the_provider_is_told_once_and_nothing_is_kept(telling: Telling) -> None:
    await telling.owe()

    await telling.reporter.run()
    await telling.reporter.run()

    (request,) = telling.provider.requests
    assert (request.method, str(request.url)) == ("POST", "https://provider.test/sightings")
    assert request.headers["authorization"] == "Bearer token-of-the-hospital-there"
    assert json.loads(request.content) == {
        "health_id": HEALTH_ID,
        "facility_did": FACILITY_DID,
        "method": "qr",
        "checked_at": NOW,
    }
    assert await telling.owed() == []


@pytest.mark.parametrize("status", [0, 401, 429, 500], ids=["away", "token", "busy", "fault"])
async def test_who_is_not_heard_says_it_again_as_the_same_thing(telling: Telling, clock: SetClock, status: int) -> None:
    await telling.owe()
    telling.provider.statuses.append(status)

    await telling.reporter.run()
    await telling.reporter.run()
    assert len(telling.provider.requests) == 1
    clock.advance(FIRST_RETRY_SECONDS)
    await telling.reporter.run()

    first, second = (request.headers["idempotency-key"] for request in telling.provider.requests)
    assert first == second
    assert await telling.owed() == []


async def test_what_is_refused_for_good_or_a_week_old_is_given_up(telling: Telling, clock: SetClock) -> None:
    await telling.owe()
    telling.provider.statuses.append(400)
    await telling.reporter.run()
    assert await telling.owed() == []

    await telling.owe()
    clock.advance(KEEP_TRYING_SECONDS)
    telling.provider.statuses.append(503)
    await telling.reporter.run()
    assert await telling.owed() == []


async def test_no_line_of_the_log_says_whose_card_it_was(telling: Telling, capsys: pytest.CaptureFixture[str]) -> None:
    with all_logs():
        for status in (0, 401, 400, 201):
            await telling.owe()
            telling.provider.statuses.append(status)
            await telling.reporter.run()

    logged = capsys.readouterr().err
    assert "the wallet's provider" in logged
    assert [each for each in (HEALTH_ID, "token-of-the-hospital") if each in logged] == []


async def test_an_accepted_card_is_owed_once_and_a_refused_one_is_not(open_desk: OpenDesk, database_url: str) -> None:
    async with open_desk(database_url, **PROVIDER) as desk:
        shown = desk.show()
        answers = [await desk.check(shown), await desk.check(shown), await desk.check("SB1:NONSENSE")]
        database = Database(database_url)
        owed = await owed_in(database)
        await database.close()

    assert [answer["verdict"] for answer in answers] == ["accepted", "rejected", "rejected"]
    assert [(each.health_id, each.method) for each in owed] == [(answers[0]["person"]["health_id"], "qr")]


async def test_without_a_provider_nothing_is_owed(open_desk: OpenDesk, database_url: str) -> None:
    async with open_desk(database_url) as desk:
        assert (await desk.check(desk.show()))["verdict"] == "accepted"
        database = Database(database_url)
        owed = await owed_in(database)
        await database.close()

    assert owed == []


def test_address_and_token_go_together(registry: Registry) -> None:
    settings: dict[str, Any] = {"backend_url": "https://provider.test"}

    assert create_settings(registry, "sqlite+aiosqlite://", **settings).problems() == [
        "backend_url and backend_token go together"
    ]
