"""A desk that asks phones: its hospital is in the registry, and so is its key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.clock import SetClock
from tests.support.hospital import PhoneWallet, TestHospital, fetch_request
from tests.support.issuing import TestIssuer
from tests.verifier.conftest import Desk, OpenDesk, Registry
from vc_core.protocols.openid4vp.request import AuthorizationRequest

PUBLIC_URL = "https://desk.riverside.example"
OpenAskingDesk = Callable[..., AbstractAsyncContextManager["AskingDesk"]]


class AskingDesk:
    """A desk, with what its program does."""

    def __init__(self, desk: Desk, hospital: TestHospital, wallet: PhoneWallet) -> None:
        self.desk = desk
        self.client = desk.client
        self.clock = desk.clock
        self.hospital = hospital
        self.wallet = wallet

    async def ask(self, policy: str = "coverage", response_mode: str = "direct_post", **members: Any) -> dict[str, Any]:
        """A new request."""
        body = {"policy": policy, "response_mode": response_mode, **members}
        response = await self.client.post("/requests", json=body)
        assert response.status_code == 201, response.text
        created: dict[str, Any] = response.json()
        return created

    async def fetch(self, created: dict[str, Any], **options: Any) -> AuthorizationRequest:
        """The request as the wallet gets it."""
        return await fetch_request(self.client, created["authorization_request"], **options)

    async def result(self, created: dict[str, Any]) -> dict[str, Any]:
        """Where the request is."""
        response = await self.client.get(f"/requests/{created['id']}")
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found


@pytest.fixture
def wallet(issuer: TestIssuer, clock: SetClock) -> PhoneWallet:
    """A patient's wallet."""
    return PhoneWallet(issuer, clock)


@pytest.fixture
def open_asking_desk(open_desk: OpenDesk, registry: Registry, wallet: PhoneWallet, tmp_path: Path) -> OpenAskingDesk:
    """Opens a desk with a key for requests; other settings by name."""

    @asynccontextmanager
    async def opened(
        database_url: str, *, hospital: TestHospital | None = None, **settings: Any
    ) -> AsyncIterator[AskingDesk]:
        asking = hospital or registry.hospital
        key = tmp_path / f"requests-{asking.requests_method[-12:]}.pem"
        key.write_bytes(asking.pem)
        values: dict[str, Any] = {
            "public_url": PUBLIC_URL,
            "facility_did": asking.did,
            "requests_verification_method": asking.requests_method,
            "requests_key": str(key),
        }
        async with open_desk(database_url, **(values | settings)) as desk:
            yield AskingDesk(desk, asking, wallet)

    return opened


@pytest.fixture
async def asking(open_asking_desk: OpenAskingDesk, database_url: str) -> AsyncIterator[AskingDesk]:
    """A desk that asks, once on each database."""
    async with open_asking_desk(database_url) as opened:
        yield opened


@pytest.fixture
async def sqlite_asking(open_asking_desk: OpenAskingDesk, tmp_path: Path) -> AsyncIterator[AskingDesk]:
    """As `asking`, where the database makes no difference."""
    async with open_asking_desk(f"sqlite+aiosqlite:///{tmp_path / 'asking.sqlite'}") as opened:
        yield opened
