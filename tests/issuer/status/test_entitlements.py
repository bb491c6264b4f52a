"""Entitlements that an officer ends and another begins anew in the same moment."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from issuer.roster.repository import PersonRepository
from issuer.settings import IssuerSettings
from issuer.status.entitlements import EntitlementRepository
from issuer.status.models import EndedEntitlement
from tests.conftest import NOW
from tests.issuer.wallet import COVERAGE, OFFICER
from tests.support.postgres import until_waiting
from vc_core.web.database import Database

TYPE = "InsuranceCoverage"


async def test_ended_again_and_again(
    client: httpx.AsyncClient, people: dict[str, str], settings: IssuerSettings
) -> None:
    database, person = Database(settings.database_url), people["A1"]
    async with database.transaction() as session:
        entitlements = EntitlementRepository(session)
        for now in (NOW, NOW + 1):
            await entitlements.end(person, TYPE, now=now)
        seen = await session.get(EndedEntitlement, (person, TYPE))
        assert seen is not None
        assert seen.ended_at == NOW + 1
        await entitlements.begin_anew(person, [TYPE])
        await entitlements.end(person, TYPE, now=NOW + 2)
        assert await entitlements.ended(person) == [TYPE]
    await database.close()


class TestAtOnce:
    """On PostgreSQL alone: SQLite lets them take turns from their first statement on."""

    @pytest.fixture
    def database_url(self, postgres_url: str) -> str:
        return postgres_url

    @pytest.mark.postgres
    async def test_an_offer_waits_for_the_revocation_that_it_undoes(
        self, client: httpx.AsyncClient, people: dict[str, str], settings: IssuerSettings
    ) -> None:
        database, person = Database(settings.database_url), people["A1"]
        order = {"person_id": person, "credential_configuration_ids": [COVERAGE], "tx_code_delivery": "in_person"}
        async with database.transaction() as session:
            await PersonRepository(session).lock(person)
            await EntitlementRepository(session).end(person, TYPE, now=NOW)
            offering = asyncio.ensure_future(client.post("/offers", json=order, headers=OFFICER))
            await until_waiting(database)
        assert (await offering).status_code == 201
        async with database.transaction() as session:
            assert await EntitlementRepository(session).ended(person) == []
        await database.close()
