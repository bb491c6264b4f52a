"""A service as a process of its own, on a ledger over JSON-RPC: it starts, and goes on while every node is away."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import httpx

from sabai.organisations import HOSPITAL_A
from tests.support.ports import free_port
from tests.support.processes import ledger_over_rpc


async def until_ready(url: str, process: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client, asyncio.timeout(240):
        while True:
            assert process.returncode is None, "the service ended instead of getting ready"
            with suppress(httpx.HTTPError):
                if (await client.get(url + "/readyz")).status_code == 200:
                    return
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
    async with ledger_over_rpc(tmp_path) as ledger:
        port = free_port()
        environment = {
            **ledger.environment(),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "PORT": str(port),
            "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'verifier'}.sqlite",
            "FACILITY_DID": ledger.registered.organisations[HOSPITAL_A.slug].did,
            "FACILITY_NAME": HOSPITAL_A.name,
            "HOSPITAL_CODE": HOSPITAL_A.hospital_code or "",
            "DESK_TOKEN": "d" * 32,
        }
        process = await start("verifier", environment)
        try:
            await until_ready(environment["PUBLIC_URL"], process)
        finally:
            errors = await stop(process)
        assert "Traceback" not in errors

    # The chain is away now: what was mirrored is there.
    process = await start("verifier", environment)
    try:
        await until_ready(environment["PUBLIC_URL"], process)
    finally:
        errors = await stop(process)
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
