"""The operator of an issuer: a data folder as `sabai up` leaves it, and `sabai keys` on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from issuer.app import create_app
from issuer.settings import IssuerSettings
from sabai.commands.keys import keys
from sabai.organisations import (
    ISSUING_OFFICE,
    PAYER,
    complete_issuing_keys_file,
    load_ledger_key,
    load_organisations,
    register_organisations,
)
from tests.issuer.wallet import ISSUER, OFFICER, TOKEN, Wallet
from tests.support.clock import SetClock
from tests.support.lifespan import lifespan_of
from tests.support.registry_terminal import CHAIN_ID, Operator, create_data_folder
from vc_core.http import HttpClient
from vc_core.ledger.embedded import EmbeddedLedger

NOW = 1_790_000_000
ROSTER = Path(__file__).parents[2] / "issuer" / "roster.csv"


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder to copy, never to write to, with the issuer's file of keys."""
    folder = tmp_path_factory.mktemp("keys") / "data"
    asyncio.run(_create(folder))
    return folder


async def _create(folder: Path) -> None:
    clock = SetClock(NOW)
    await create_data_folder(folder, clock)
    ledger = EmbeddedLedger.open(folder / "ledger.sqlite", chain_id=CHAIN_ID, clock=clock)
    governor, organisations = (
        load_ledger_key(folder / "keys/governor.key"),
        load_organisations(folder / "keys", CHAIN_ID),
    )
    registered = await register_organisations(ledger, governor, organisations, clock)
    ledger.close()
    issuing = {"HealthId": organisations[ISSUING_OFFICE.slug], "InsuranceCoverage": organisations[PAYER.slug]}
    complete_issuing_keys_file(folder / "keys/issuing.json", issuing, registered.methods)


@pytest.fixture
def operator(data_folder: Path, tmp_path: Path) -> Operator:
    """An operator, an hour after the registry was made."""
    return replace(Operator.create(data_folder, tmp_path, SetClock(NOW + 3600)), commands=keys)


@dataclass(frozen=True)
class Issuer:
    """The issuer of a data folder, started and stopped at will; the ledger is free for commands in between."""

    operator: Operator

    @asynccontextmanager
    async def running(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client of it while it runs."""
        operator = self.operator
        contracts = json.loads((operator.data_dir / "services.json").read_bytes())["contracts"]
        settings = IssuerSettings(
            public_url=ISSUER,
            database_url=f"sqlite+aiosqlite:///{operator.data_dir / 'issuer.sqlite'}",
            chain_id=CHAIN_ID,
            did_registry=contracts["DidRegistry"],
            trust_registry=contracts["TrustRegistry"],
            anchors=contracts["Anchors"],
            officer_token=SecretStr(TOKEN),
            issuing_keys_file=operator.data_dir / "keys" / "issuing.json",
        )
        ledger = EmbeddedLedger.open(operator.data_dir / "ledger.sqlite", chain_id=CHAIN_ID, clock=operator.clock)
        app = create_app(settings, clock=operator.clock, ledger=ledger, http=HttpClient())
        try:
            async with lifespan_of(app) as started:
                transport = httpx.ASGITransport(app=started.app)
                async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
                    yield client
        finally:
            ledger.close()

    async def issue(self, configuration: str) -> tuple[Wallet, str]:
        """A wallet, and a credential that the issuer gave it."""
        async with self.running() as client:
            await client.post("/people", content=ROSTER.read_bytes(), headers=OFFICER | {"Content-Type": "text/csv"})
            people: dict[str, Any] = (await client.get("/people", headers=OFFICER)).json()
            wallet = Wallet(client, self.operator.clock)
            return wallet, await wallet.issued(people["people"][0]["person_id"], configuration)

    async def status_list_tokens(self) -> list[str]:
        """All status lists as they are published now."""
        async with self.running() as client:
            uris = (await client.get("/status")).json()["status_lists"]
            return [(await client.get(uri)).text for uri in uris]


@pytest.fixture
def issuer(operator: Operator) -> Issuer:
    """The issuer that the operator looks after."""
    return Issuer(operator)
