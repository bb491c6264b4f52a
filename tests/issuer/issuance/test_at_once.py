"""Two tokens of one family that ask in the same moment, on PostgreSQL, where both are under way at once."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from issuer.roster.repository import PersonRepository
from issuer.settings import IssuerSettings
from tests.issuer.issuance.test_deferral import asked, listed, refreshed, tokens_of
from tests.issuer.wallet import Wallet
from tests.support.postgres import until_waiting
from vc_core.web.database import Database

pytestmark = pytest.mark.postgres


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """On PostgreSQL alone: SQLite lets them take turns from their first statement on."""
    return postgres_url


async def test_what_another_token_has_just_asked_for_is_no_approval(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings
) -> None:
    """Both have found that nothing was decided when the first writes down that it waits."""
    token, refresh_token = await tokens_of(wallet, people["A1"])
    other = await refreshed(wallet, refresh_token)
    database = Database(settings.database_url)
    async with database.transaction() as session:
        await PersonRepository(session).lock(people["A1"])
        asking = [asyncio.ensure_future(asked(wallet, each)) for each in (token, other)]
        await until_waiting(database, len(asking))
    answers = await asyncio.gather(*asking)
    await database.close()

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert len(await listed(client, state="pending")) == 1
