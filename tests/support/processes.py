"""Services as processes of their own, several of one service on one database, as production runs them."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from sabai.organisations import (
    Registered,
    complete_issuing_keys_file,
    issuing_organisations,
    load_organisations,
    register_organisations,
)
from sabai.servers import Served, listen, serving, url_of
from tests.support.ports import free_port
from vc_core.clock import system_clock
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.ledger.transactions import LedgerKey
from vc_core.web.rpc import create_rpc_app

CHAIN_ID = 0x5ABA
READY_SECONDS = 240


@dataclass
class LedgerOverRpc:
    """A chain with the sample organisations, which other processes read over JSON-RPC, and their folder of keys."""

    folder: Path
    registered: Registered
    url: str

    def environment(self) -> dict[str, str]:
        """The settings by which a service finds the registry."""
        addresses = self.registered.addresses
        return {
            "CHAIN_ID": str(CHAIN_ID),
            "DID_REGISTRY": "0x" + addresses.did_registry.hex(),
            "TRUST_REGISTRY": "0x" + addresses.trust_registry.hex(),
            "ANCHORS": "0x" + addresses.anchors.hex(),
            "LEDGER_URLS": self.url,
            "LEDGER_CONFIRMATIONS": "0",
            "LEDGER_MAX_HEAD_AGE": "0",
        }

    def issuing_keys_file(self) -> Path:
        """The issuer's file of keys for all types of the sample organisations."""
        path = self.folder / "keys" / "issuing.json"
        complete_issuing_keys_file(path, issuing_organisations(self.registered.organisations), self.registered.methods)
        return path


@asynccontextmanager
async def ledger_over_rpc(folder: Path) -> AsyncIterator[LedgerOverRpc]:
    """The chain while it answers."""
    ledger = EmbeddedLedger.open(folder / "chain.sqlite", chain_id=CHAIN_ID, clock=system_clock)
    try:
        organisations = load_organisations(folder / "keys", CHAIN_ID)
        registered = await register_organisations(ledger, LedgerKey.generate(), organisations, system_clock)
        listener = listen("127.0.0.1", 0)
        async with serving([Served(create_rpc_app(ledger), listener)]):
            yield LedgerOverRpc(folder, registered, url_of(listener))
    finally:
        ledger.close()


@asynccontextmanager
async def running_processes(
    service: str, count: int, environment: Mapping[str, str]
) -> AsyncIterator[Sequence[httpx.AsyncClient]]:
    """So many processes of `python -m <service>` with the same settings, and a client of each.

    A client finds its process at the service's public URL, as if it were the only one.
    """
    async with AsyncExitStack() as stack:
        clients, processes = [], []
        for _ in range(count):
            port = free_port()
            process = await _start(service, {**environment, "PORT": str(port)})
            stack.push_async_callback(_stop, process)
            client = httpx.AsyncClient(
                base_url=environment["PUBLIC_URL"], trust_env=False, timeout=240, transport=_ToPort(port)
            )
            clients.append(await stack.enter_async_context(client))
            processes.append(process)
        await asyncio.gather(*map(_until_ready, clients, processes))
        yield clients


class _ToPort(httpx.AsyncBaseTransport):
    """Brings every request to a port of this machine, whatever address it is for."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=None), trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        # A new request: by the address of the old one the client tells which cookies it may keep.
        there = httpx.Request(
            request.method,
            request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return await self._transport.handle_async_request(there)

    async def aclose(self) -> None:
        await self._transport.aclose()


async def _start(service: str, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    prefixed = {f"{service.upper()}_{name}": value for name, value in environment.items()}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", service),
        env={**os.environ, **prefixed},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    await process.wait()


async def _until_ready(client: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(READY_SECONDS):
        while True:
            assert process.returncode is None, "the service ended instead of getting ready"
            with suppress(httpx.TransportError):
                if (await client.get("/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
