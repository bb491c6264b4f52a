"""`POST /checks` over loopback, against an empty FastAPI POST on the same server, round by round."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sabai.organisations import PAYER, load_organisations
from sabai.services import CHAIN_ID
from tests.bench.world import CLAIMS, STATUS
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import P256Signer
from vc_core.formats.qr_pass import create_qr_pass, create_qr_presentation

CONNECTIONS = 16
REQUESTS_A_ROUND = 320
ROUNDS = 8
_STARTING_SECONDS = 60


async def measure_checks() -> str:
    """Starts the server in a process of its own, and asks both applications in turn."""
    with tempfile.TemporaryDirectory(prefix="sabai-bench-") as name:
        folder = Path(name)
        server = subprocess.Popen([sys.executable, "-m", "tests.bench.server", name])  # noqa: S603 - our own module
        try:
            ready = await _until_ready(folder, server)
            checks, empty = [], []
            for _ in range(ROUNDS):
                bodies = _questions(folder, ready["method"])
                empty.append(await _rate(ready["empty"], bodies))
                checks.append(await _rate(ready["verifier"], bodies))
        finally:
            server.terminate()
            server.wait(timeout=30)
    share = statistics.median(a / b for a, b in zip(checks, empty, strict=True))
    return "\n".join(
        [
            f"### `POST /checks`, one worker, {CONNECTIONS} connections",
            "",
            "| what | per second | share |",
            "|---|---:|---:|",
            f"| empty FastAPI POST | {statistics.median(empty):,.0f} | 100% |",
            f"| `POST /checks` | {statistics.median(checks):,.0f} | {share:.0%} |",
        ]
    )


async def _until_ready(folder: Path, server: subprocess.Popen[bytes]) -> dict[str, str]:
    deadline = time.monotonic() + _STARTING_SECONDS
    while not (folder / "bench.json").exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the server under test did not start")
        await asyncio.sleep(0.1)
    return dict(json.loads((folder / "bench.json").read_bytes()))


def _questions(folder: Path, verification_method: str) -> list[bytes]:
    """Requests with a fresh QR each, since a QR is accepted once."""
    payer = load_organisations(folder / "keys", CHAIN_ID)[PAYER.slug]
    now = int(time.time())
    bodies = []
    for _ in range(REQUESTS_A_ROUND):
        holder = P256Signer.generate()
        qr_pass = create_qr_pass(
            INSURANCE_COVERAGE,
            CLAIMS,
            verification_method=verification_method,
            signer=payer.credential_key,
            issued_at=now,
            expires_at=now + 3600,
            status=STATUS,
            holder_key=holder.public_key,
        )
        qr = create_qr_presentation(qr_pass, holder=holder, presented_at=now)
        bodies.append(json.dumps({"qr": qr}).encode("ascii"))
    return bodies


async def _rate(port: int | str, bodies: list[bytes]) -> float:
    """Answers a second when the bodies are sent over several connections at once; every one must be an acceptance."""
    waiting = list(bodies)
    started = time.perf_counter()
    await asyncio.gather(*(_ask(int(port), waiting) for _ in range(CONNECTIONS)))
    return len(bodies) / (time.perf_counter() - started)


async def _ask(port: int, waiting: list[bytes]) -> None:
    """One connection, kept alive, that takes bodies until there are none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while waiting:
        body = waiting.pop()
        head = f"POST /checks HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        writer.write(head.encode("ascii") + f"Content-Length: {len(body)}\r\n\r\n".encode("ascii") + body)
        answer_head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in answer_head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        answer = json.loads(await reader.readexactly(length))
        if answer.get("verdict") != "accepted":
            raise RuntimeError(f"the server under test answered {answer.get('code')}")
    writer.close()
    await writer.wait_closed()
