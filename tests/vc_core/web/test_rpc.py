"""The chain's JSON-RPC over HTTP: what a program gets, and what a page of another origin does not."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.support.clock import SetClock
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.web.rpc import MAX_REQUEST_BYTES, create_rpc_app

REQUEST = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}'


@pytest.fixture
async def client(tmp_path: Path, clock: SetClock) -> AsyncIterator[httpx.AsyncClient]:
    ledger = EmbeddedLedger.open(tmp_path / "chain.sqlite", chain_id=1337, clock=clock)
    transport = httpx.ASGITransport(create_rpc_app(ledger))
    async with httpx.AsyncClient(transport=transport, base_url="http://rpc.test") as client:
        yield client
    ledger.close()


async def test_it_answers(client: httpx.AsyncClient) -> None:
    answer = await client.post("/", content=REQUEST, headers={"Content-Type": "application/json; charset=utf-8"})

    assert answer.status_code == 200
    assert answer.json() == {"jsonrpc": "2.0", "id": 1, "result": "0x539"}


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_what_a_page_may_send_unasked_is_refused(client: httpx.AsyncClient, content_type: str) -> None:
    headers = {"Content-Type": content_type, "Origin": "https://elsewhere.test"}

    assert (await client.post("/", content=REQUEST, headers=headers)).status_code == 415
    preflight = await client.options("/", headers={"Origin": "x", "Access-Control-Request-Method": "POST"})
    assert "access-control-allow-origin" not in preflight.headers


async def test_a_body_too_large(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}

    assert (await client.post("/", content=b" " * (MAX_REQUEST_BYTES + 1), headers=headers)).status_code == 413
