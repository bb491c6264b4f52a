"""What runs beside our own code in the ledger's tests, from npm: anvil as a second chain, ethr-did-resolver."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.node import require_packages

FOLDER = Path(__file__).parent / "ledger_peers"
_LISTENING = re.compile(rb"Listening on (127\.0\.0\.1:\d+)")
_START_SECONDS = 120


def require_anvil() -> Path:
    """The program; skips the test where npm has none for this machine."""
    found = sorted(require_packages(FOLDER).glob("@foundry-rs/anvil-*/bin/anvil*"))
    if not found:
        pytest.skip("npm has no anvil for this machine")
    return found[0]


@dataclass(frozen=True)
class Anvil:
    """A running anvil, and its own methods."""

    url: str

    async def ask(self, method: str, *params: Any) -> Any:
        """The result of a JSON-RPC method."""
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
            answer = (await client.post(self.url, json=request)).json()
        assert "error" not in answer, answer
        return answer["result"]


@asynccontextmanager
async def running_anvil(*options: str, chain_id: int = 1337) -> AsyncIterator[Anvil]:
    """Starts anvil on a free port. Blocks also come by time: without that, calls would see the last block's time."""
    command: Sequence[str] = [
        str(require_anvil()), "--port", "0", "--chain-id", str(chain_id), "--accounts", "1", *options
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    output = b""
    try:
        async with asyncio.timeout(_START_SECONDS):
            while not (found := _LISTENING.search(output)):
                read = await process.stdout.read(4096)
                assert read, output
                output += read
        drain = asyncio.create_task(process.stdout.read())
        yield Anvil(f"http://{found[1].decode()}")
    finally:
        process.kill()
        await process.wait()
    await drain
