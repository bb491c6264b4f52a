"""An office with people: invited by its token, each with a browser and a security key in software."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from issuer.proposals.actions import OfficeAction
from issuer.settings import IssuerSettings
from tests.issuer.wallet import ISSUER, OFFICER
from tests.support.passkeys import SecurityKey

FOUR_EYES = frozenset({OfficeAction.REVOKE, OfficeAction.ADMIT_OFFICER, OfficeAction.CHANGE_OFFICER})


@dataclass
class Somebody:
    """A person with a browser and a security key."""

    client: httpx.AsyncClient
    key: SecurityKey
    officer_id: str = ""

    async def accept(self, invitation: dict[str, Any]) -> httpx.Response:
        """Opens an invitation and makes a passkey; signed in by then, unless somebody has to admit it first."""
        self.officer_id = invitation["officer_id"]
        code = invitation["link"].partition("#invitation=")[2]
        opened = await self.client.post("/officers/invitations/open", json={"code": code})
        if opened.status_code != 200:
            return opened
        credential = self.key.create(opened.json()["options"])
        return await self.client.post("/officers/invitations/accept", json={"code": code, "credential": credential})

    async def sign_in(self, **changes: Any) -> httpx.Response:
        """Uses the passkey."""
        options = (await self.client.post("/officers/sign-in/options")).json()["options"]
        return await self.client.post("/officers/sign-in", json={"credential": self.key.get(options, **changes)})

    async def invite(self, name: str, *roles: str) -> dict[str, Any]:
        """The invitation of somebody new."""
        answer = await self.client.post("/officers", json={"name": name, "roles": roles})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def code(self, method: str, path: str, body: Any = None) -> str:
        """The code of the issuer's answer, `ok` for none."""
        answer = await self.client.request(method, path, json=body)
        return "ok" if answer.is_success else str(answer.json()["code"])

    async def waiting(self, officer_id: str) -> dict[str, Any]:
        """The one proposal on this officer that waits."""
        wanted = {"state": "waiting", "record_id": officer_id}
        [proposal] = (await self.client.get("/proposals", params=wanted)).json()["proposals"]
        return dict(proposal)

    async def approves(self, proposal: dict[str, Any]) -> str:
        """The code of the answer to an approval, `ok` for none."""
        return await self.code("POST", f"/proposals/{proposal['id']}/approve")


@dataclass
class OfficePeople:
    """Who is at the office; `root` has the office's token and no passkey."""

    root: Somebody
    closing: AsyncExitStack
    transport: httpx.AsyncBaseTransport
    count: int = field(default=0)

    async def somebody(self, *, token: bool = False) -> Somebody:
        """A person with a browser of their own."""
        self.count += 1
        client = httpx.AsyncClient(transport=self.transport, base_url=ISSUER, headers=OFFICER if token else {})
        await self.closing.enter_async_context(client)
        return Somebody(client, SecurityKey(ISSUER, bytes([self.count]) * 16))

    async def hired(self, name: str, *roles: str) -> Somebody:
        """Somebody whom the token's holder has invited, signed in."""
        person = await self.somebody()
        accepted = await person.accept(await self.root.invite(name, *roles))
        assert accepted.status_code == 201, accepted.text
        return person


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One kind is enough here: what may happen once is raced on both in `tests/races/`."""
    return f"sqlite+aiosqlite:///{tmp_path / 'issuer.sqlite'}"


@pytest.fixture
def settings(settings: IssuerSettings) -> IssuerSettings:
    """With the policy that production has by default."""
    return settings.model_copy(update={"four_eyes": FOUR_EYES})


@pytest.fixture
async def office(client: httpx.AsyncClient) -> AsyncIterator[OfficePeople]:
    """A running office."""
    async with AsyncExitStack() as closing:
        people = OfficePeople(None, closing, client._transport)  # type: ignore[arg-type]
        people.root = await people.somebody(token=True)
        yield people
