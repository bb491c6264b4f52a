"""A front desk in process: the verifier's application over a real chain, with a real issuer and a holder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from tests.conftest import NOW
from tests.support.chain import BrokenLedger, Chain
from tests.support.clock import SetClock
from tests.support.hospital import TestHospital
from tests.support.issuing import DAY, HERE, StatusServer, TestIssuer
from tests.support.lifespan import lifespan_of
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import P256Signer
from vc_core.formats.qr_pass import create_qr_presentation
from vc_core.http import HttpClient
from vc_core.ledger.transactions import LedgerKey
from verifier.app import create_app
from verifier.settings import VerifierSettings

PUBLIC_URL = "http://desk.test"
FACILITY_DID = "did:ethr:0x539:0x00000000000000000000000000000000000000aa"
DESK_TOKEN = "desk-token-for-tests-0123456789"
MANAGER_TOKEN = "manager-token-for-tests-0123456789"


@dataclass(frozen=True)
class Registry:
    """The chain that all tests of this folder read, and who is on it."""

    chain: Chain
    issuer: TestIssuer
    unaccredited: TestIssuer
    hospital: TestHospital
    limited_hospital: TestHospital
    modest_hospital: TestHospital


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Made once: nothing in this folder writes to it."""
    created = asyncio.run(_create_registry(tmp_path_factory.mktemp("chain") / "chain.sqlite"))
    yield created
    created.chain.ledger.close()


async def _create_registry(path: Path) -> Registry:
    chain = await Chain.create(path, SetClock(NOW - 100 * DAY))
    always = INSURANCE_COVERAGE.always_shown()
    return Registry(
        chain,
        await TestIssuer.register(chain, name="Migrant Health Fund", ledger_key=LedgerKey(b"\x01" * 32)),
        await TestIssuer.register(chain, name="Somebody", accredited=False),
        await TestHospital.register(chain),
        await TestHospital.register(chain, name="Small Clinic", limits={INSURANCE_COVERAGE.vct: always}),
        await TestHospital.register(
            chain,
            name="Modest Clinic",
            limits={
                HEALTH_ID.vct: ["health_id", "name", "name_latin", "birth_date", "birth_year"],
                INSURANCE_COVERAGE.vct: always | {"name", "name_latin", "birth_year"},
            },
        ),
    )


@pytest.fixture
def issuer(registry: Registry) -> TestIssuer:
    """The accredited issuer, all its credentials valid."""
    registry.issuer.status_list = type(registry.issuer.status_list)(2, 64)
    return registry.issuer


@pytest.fixture
def holder() -> P256Signer:
    """The key on the patient's phone."""
    return P256Signer.generate()


@dataclass
class Desk:
    """A running verifier and what it depends on."""

    app: FastAPI
    client: httpx.AsyncClient
    clock: SetClock
    ledger: BrokenLedger
    statuses: StatusServer
    issuer: TestIssuer
    holder: P256Signer

    def show(self, qr_pass: bytes | None = None, *, holder: P256Signer | None = None, **options: Any) -> str:
        """The text of the QR code that the patient shows now; by default of a coverage that is good here."""
        holder = holder or self.holder
        qr_pass = qr_pass or self.issuer.create_pass(holder)
        options.setdefault("presented_at", self.clock())
        return create_qr_presentation(qr_pass, holder=holder, **options)

    async def check(self, qr: str) -> dict[str, Any]:
        """The verdict by the JSON API."""
        response = await self.client.post("/checks", json={"qr": qr})
        assert response.status_code == 200, response.text
        verdict: dict[str, Any] = response.json()
        return verdict

    async def check_image(self, image: bytes, *, name: str = "photo.png", pin: str | None = None) -> dict[str, Any]:
        """The verdict on a picture by the JSON API."""
        data = {} if pin is None else {"pin": pin}
        response = await self.client.post("/checks/image", files={"image": (name, image)}, data=data)
        assert response.status_code == 200, response.text
        verdict: dict[str, Any] = response.json()
        return verdict


OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
def open_desk(registry: Registry, issuer: TestIssuer, holder: P256Signer, clock: SetClock) -> OpenDesk:
    """Opens a desk on the database of this URL; other settings by name."""

    @asynccontextmanager
    async def opened(database_url: str, **settings: Any) -> AsyncIterator[Desk]:
        ledger = BrokenLedger(registry.chain.ledger)
        statuses = StatusServer(issuer, issued_at=clock())
        http = HttpClient(transport=statuses.transport())
        app = create_app(create_settings(registry, database_url, **settings), clock=clock, ledger=ledger, http=http)
        transport = httpx.ASGITransport(app)
        async with (
            lifespan_of(app),
            httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client,
        ):
            yield Desk(app, client, clock, ledger, statuses, issuer, holder)
        await http.close()

    return opened


@pytest.fixture
async def desk(open_desk: OpenDesk, database_url: str) -> AsyncIterator[Desk]:
    """An open desk of the embedded profile, once on each database."""
    async with open_desk(database_url) as opened:
        yield opened


@pytest.fixture
async def sqlite_desk(open_desk: OpenDesk, tmp_path: Path) -> AsyncIterator[Desk]:
    """As `desk`, where the database makes no difference."""
    async with open_desk(f"sqlite+aiosqlite:///{tmp_path / 'verifier.sqlite'}") as opened:
        yield opened


def create_settings(registry: Registry, database_url: str, **changed: Any) -> VerifierSettings:
    """Settings of a desk at the hospital `HERE`."""
    values: dict[str, Any] = {
        "public_url": PUBLIC_URL,
        "database_url": database_url,
        "chain_id": registry.chain.ledger.chain_id,
        "did_registry": "0x" + registry.chain.addresses.did_registry.hex(),
        "trust_registry": "0x" + registry.chain.addresses.trust_registry.hex(),
        "anchors": "0x" + registry.chain.addresses.anchors.hex(),
        "facility_did": FACILITY_DID,
        "hospital_code": HERE,
        "facility_name": "Riverside Hospital",
        "desk_token": SecretStr(DESK_TOKEN),
        "manager_token": SecretStr(MANAGER_TOKEN),
    }
    return VerifierSettings(**{**values, **changed})
