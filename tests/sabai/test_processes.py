"""A service as a process of its own, on a ledger over JSON-RPC: it starts, and goes on while every node is away."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import httpx

from sabai.organisations import HOSPITAL_A, load_organisations, register_organisations
from sabai.servers import Served, listen, serving, url_of
from vc_core.clock import system_clock
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.ledger.transactions import LedgerKey
from vc_core.web.rpc import create_rpc_app

CHAIN_ID = 0x5ABA


def free_port() -> int:
    with listen("127.0.0.1", 0) as listener:
        return int(listener.getsockname()[1])


async def until_ready(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(60):
        while True:
            with suppress(httpx.HTTPError):
                answer = await client.get(url + "/readyz")
                if answer.status_code == 200:
                    return answer
            await asyncio.sleep(0.1)


async def start(service: str, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    prefixed = {f"{service.upper()}_{name}": value for name, value in environment.items()}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", service, env={**os.environ, **prefixed}, stderr=asyncio.subprocess.PIPE
    )


async def stop(process: asyncio.subprocess.Process) -> str:
    with suppress(ProcessLookupError):
        process.terminate()
    _, errors = await process.communicate()
    return errors.decode()


async def test_a_service_on_json_rpc(tmp_path: Path) -> None:
    ledger = EmbeddedLedger.open(tmp_path / "chain.sqlite", chain_id=CHAIN_ID, clock=system_clock)
    organisations = load_organisations(tmp_path / "keys", CHAIN_ID)
    registered = await register_organisations(ledger, LedgerKey.generate(), organisations, system_clock)
    listener, port = listen("127.0.0.1", 0), free_port()
    environment = {
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'verifier'}.sqlite",
        "CHAIN_ID": str(CHAIN_ID),
        "DID_REGISTRY": "0x" + registered.addresses.did_registry.hex(),
        "TRUST_REGISTRY": "0x" + registered.addresses.trust_registry.hex(),
        "ANCHORS": "0x" + registered.addresses.anchors.hex(),
        "LEDGER_URLS": url_of(listener),
        "LEDGER_CONFIRMATIONS": "0",
        "LEDGER_MAX_HEAD_AGE": "0",
        "FACILITY_DID": organisations[HOSPITAL_A.slug].did,
        "FACILITY_NAME": HOSPITAL_A.name,
        "HOSPITAL_CODE": HOSPITAL_A.hospital_code or "",
        "DESK_TOKEN": "d" * 32,
    }

    async with serving([Served(create_rpc_app(ledger), listener)]):
        process = await start("verifier", environment)
        try:
            await until_ready(environment["PUBLIC_URL"])
        finally:
            errors = await stop(process)
        assert "Traceback" not in errors

    # The chain is away now: what was mirrored is there.
    process = await start("verifier", environment)
    try:
        await until_ready(environment["PUBLIC_URL"])
    finally:
        errors = await stop(process)
        ledger.close()
    assert "could not be read" in errors


async def test_a_service_without_a_ledger_says_so(tmp_path: Path) -> None:
    environment = {
        "PUBLIC_URL": "http://127.0.0.1:8002",
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'verifier'}.sqlite",
        "CHAIN_ID": "1337",
        "DID_REGISTRY": "0x" + "11" * 20,
        "TRUST_REGISTRY": "0x" + "22" * 20,
        "ANCHORS": "0x" + "33" * 20,
        "FACILITY_DID": "did:ethr:0x539:0x" + "44" * 20,
        "FACILITY_NAME": "Sample",
        "HOSPITAL_CODE": "10661",
    }

    process = await start("verifier", environment)

    assert "ledger_urls" in (await process.communicate())[1].decode()
    assert process.returncode == 1
