"""A desk with staff: members who are invited, make passkeys with a security key in software, and sign in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.clock import SetClock
from tests.support.passkeys import SecurityKey
from tests.verifier.conftest import MANAGER_TOKEN, OpenDesk

BEARER = {"Authorization": f"Bearer {MANAGER_TOKEN}"}
COOKIE = "desk_session"


@dataclass
class Somebody:
    """A person with a browser and a security key, at a desk."""

    client: httpx.AsyncClient
    key: SecurityKey
    member: dict[str, Any] = field(default_factory=dict)

    async def accept(self, link: str) -> httpx.Response:
        """Opens an invitation and makes a passkey; signed in by then, if all went well."""
        code = link.partition("#invitation=")[2]
        opened = await self.client.post("/staff/invitations/open", json={"code": code})
        if opened.status_code != 200:
            return opened
        credential = self.key.create(opened.json()["options"])
        accepted = await self.client.post("/staff/invitations/accept", json={"code": code, "credential": credential})
        self.member = accepted.json()
        return accepted

    async def sign_in(self, **changes: Any) -> httpx.Response:
        """Uses the passkey."""
        options = (await self.client.post("/staff/sign-in/options")).json()["options"]
        return await self.client.post("/staff/sign-in", json={"credential": self.key.get(options, **changes)})

    async def session(self) -> dict[str, Any]:
        """Who the desk says is signed in."""
        return dict((await self.client.get("/staff/session")).json())


@dataclass
class Staffed:
    """A running desk, and people who come to it."""

    client: httpx.AsyncClient
    clock: SetClock

    def somebody(self, name: str) -> Somebody:
        """A person with a browser of their own."""
        transport = self.client._transport
        client = httpx.AsyncClient(transport=transport, base_url=self.client.base_url)
        return Somebody(client, SecurityKey(str(self.client.base_url), name.encode()))

    async def invite(self, name: str, role: str = "desk", by: httpx.AsyncClient | None = None) -> httpx.Response:
        """A new member's invitation; by the manager token where no other browser invites."""
        headers = BEARER if by is None else {}
        return await (by or self.client).post("/staff/members", json={"name": name, "role": role}, headers=headers)

    async def join(self, name: str, role: str = "desk") -> Somebody:
        """A member who was invited, has a passkey, and is signed in."""
        member = self.somebody(name)
        accepted = await member.accept((await self.invite(name, role)).json()["link"])
        assert accepted.status_code == 201, accepted.text
        return member


@asynccontextmanager
async def open_staffed(open_desk: OpenDesk, database_url: str, **settings: Any) -> AsyncIterator[Staffed]:
    """A desk on the database of this URL."""
    async with open_desk(database_url, **settings) as desk:
        desk.client.base_url = httpx.URL(settings.get("public_url", str(desk.client.base_url)))
        yield Staffed(desk.client, desk.clock)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """SQLite, unless the test is marked with `BOTH`."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
async def staffed(
    request: pytest.FixtureRequest, open_desk: OpenDesk, database_kind: str, tmp_path: Path
) -> AsyncIterator[Staffed]:
    """An embedded desk."""
    sqlite = f"sqlite+aiosqlite:///{tmp_path / 'verifier.sqlite'}"
    url = sqlite if database_kind == "sqlite" else request.getfixturevalue("postgres_url")
    async with open_staffed(open_desk, url) as opened:
        yield opened
