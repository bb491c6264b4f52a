"""Two processes of one service on one database, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from tests.issuer.authorization.browser import CLIENT
from tests.issuer.conftest import ROSTER
from tests.issuer.wallet import ISSUER, OFFICER, TOKEN, Wallet
from tests.support.clock import SetClock
from tests.support.postgres import PostgresServer
from tests.support.processes import ledger_over_rpc, running_processes
from vc_core.clock import system_clock
from vc_core.web.database import Database


@dataclass
class TwoIssuers:
    """The processes, by a client of each, and their database."""

    clients: Sequence[httpx.AsyncClient]
    database: Database
    people: dict[str, str]

    def wallet(self, number: int = 0) -> Wallet:
        """A wallet that asks one of the two, by turns; the number says which is first."""
        return Wallet(self.clients[number % len(self.clients)], SetClock(system_clock()))

    async def count(self, query: str, **values: str) -> int:
        """The one number that a query finds."""
        async with self.database.transaction() as session:
            return int((await (await session.connection()).execute(text(query), values)).scalar_one())


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
async def issuers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[TwoIssuers]:
    """Two issuers, ready, with the sample roster."""
    folder: Path = tmp_path_factory.mktemp("issuers")
    with fresh_database(request, folder / "issuer.sqlite") as url:
        database = Database(url)
        async with ledger_over_rpc(folder) as ledger:
            environment = {
                **ledger.environment(),
                "PUBLIC_URL": ISSUER,
                "DATABASE_URL": url,
                "OFFICER_TOKEN": TOKEN,
                "ISSUING_KEYS_FILE": str(ledger.issuing_keys_file()),
                "FOUR_EYES": '["suspend"]',
                "WALLET_CLIENTS": f"[{CLIENT.model_dump_json()}]",
            }
            async with running_processes("issuer", 2, environment) as clients:
                csv = {"Content-Type": "text/csv"}
                sent = await clients[0].post("/people", content=ROSTER.read_bytes(), headers=OFFICER | csv)
                assert sent.status_code == 200, sent.text
                listed = (await clients[1].get("/people", headers=OFFICER)).json()["people"]
                yield TwoIssuers(clients, database, {each["person_ref"]: each["person_id"] for each in listed})
        await database.close()


@contextmanager
def fresh_database(request: pytest.FixtureRequest, file: Path) -> Iterator[str]:
    """The URL of an empty database of the kind that the parameter of the fixture `request` names."""
    if request.param != "postgres":
        yield f"sqlite+aiosqlite:///{file}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = "races_" + secrets.token_hex(8)
    server.create_database(name)
    yield server.url(name)
    server.drop_database(name)
