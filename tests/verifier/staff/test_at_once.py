"""Somebody gets in while a supervisor shuts them out, at two processes on PostgreSQL: out they are, neither fails."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.support.passkeys import SecurityKey
from tests.verifier.conftest import OpenDesk
from tests.verifier.staff.conftest import BEARER, Somebody, Staffed, open_staffed
from vc_core.web.database import Database
from verifier.staff.repository import StaffRepository

pytestmark = pytest.mark.postgres
_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


class Gate:
    """Holds the next transaction that opens a session just before it does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.opened, open_session = threading.Event(), threading.Event(), StaffRepository.open_session

        def wait_first(*arguments: Any, **named: Any) -> bool:
            self.reached.set()
            assert self.opened.wait(120)
            return open_session(*arguments, **named)

        monkeypatch.setattr(StaffRepository, "open_session", wait_first)


async def sign_in(somebody: Somebody, _link: str) -> httpx.Response:
    """By the passkey that they have."""
    return await somebody.sign_in()


async def accept(somebody: Somebody, link: str) -> httpx.Response:
    """By the invitation that waits."""
    return await Somebody(somebody.client, SecurityKey(str(somebody.client.base_url), b"another phone")).accept(link)


async def remove_passkeys(staffed: Staffed, path: str) -> httpx.Response:
    """The phone was lost."""
    return await staffed.client.delete(f"{path}/passkeys", headers=BEARER)


async def deactivate(staffed: Staffed, path: str) -> httpx.Response:
    """They no longer work here."""
    return await staffed.client.patch(path, json={"active": False}, headers=BEARER)


@pytest.mark.parametrize("get_in", [sign_in, accept])
@pytest.mark.parametrize("shut_out", [remove_passkeys, deactivate])
async def test_whoever_is_shut_out_meanwhile_is_out(
    open_desk: OpenDesk,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    get_in: Callable[[Somebody, str], Awaitable[httpx.Response]],
    shut_out: Callable[[Staffed, str], Awaitable[httpx.Response]],
) -> None:
    async with open_staffed(open_desk, postgres_url) as here, open_staffed(open_desk, postgres_url) as there:
        somsri = await here.join("somsri")
        path = f"/staff/members/{somsri.member['id']}"
        link = (await here.client.post(f"{path}/invitations", headers=BEARER)).json()["link"]
        await somsri.client.delete("/staff/session")
        gate = Gate(monkeypatch)
        coming = asyncio.ensure_future(get_in(somsri, link))
        assert await asyncio.to_thread(gate.reached.wait, 120)
        going = asyncio.ensure_future(shut_out(there, path))
        await until_it_waits(postgres_url, going)
        gate.opened.set()
        assert [each.is_success for each in await asyncio.gather(coming, going)] == [True, True]
        assert (await somsri.session())["member"] is None
        assert (await somsri.sign_in()).status_code == 401


async def until_it_waits(url: str, task: asyncio.Future[Any]) -> None:
    """Returns when a transaction waits for another one, or there is nothing left to wait."""
    database = Database(url)
    while not task.done():
        async with database.transaction() as session:
            if (await (await session.connection()).execute(_WAITING)).scalar():
                break
        await asyncio.sleep(0.01)
    await database.close()
