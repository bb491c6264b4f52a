"""`POST /checks` over loopback, against raw2 and an empty FastAPI POST on the same server, round by round."""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import cast

from sabai.organisations import PAYER, load_organisations
from sabai.services import CHAIN_ID
from tests.bench.in_process import raw2
from tests.bench.ratios import timed
from tests.bench.world import CLAIMS, STATUS
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import P256Signer
from vc_core.encoding import compact_json
from vc_core.formats.qr_pass import create_qr_pass, create_qr_presentation

CONNECTIONS = (16, 64)
"""Desks that ask at once: checks that come together share a commit to disk."""
REQUESTS_A_ROUND = 640
ROUNDS = 8
_STARTING_SECONDS = 60
_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: ([0-9]+)\r\n", re.IGNORECASE)


async def measure_checks() -> str:
    """Starts the server in a process of its own, and asks both applications in turn, with raw2 in between."""
    rounds: dict[str, list[tuple[float, float]]] = defaultdict(list)
    verify_twice = timed(raw2())
    with ExitStack() as running:
        name = running.enter_context(tempfile.TemporaryDirectory(prefix="sabai-bench-"))
        folder = Path(name)
        log = running.enter_context((folder / "log").open("wb"))
        command = [sys.executable, "-m", "tests.bench.server", name]
        server = subprocess.Popen(command, stderr=log)  # noqa: S603 - our own module
        try:
            ready = await _until_ready(folder, server)
            for _ in range(ROUNDS):
                for connections in CONNECTIONS:
                    bodies = _questions(folder, ready["method"])
                    raw = statistics.median(verify_twice() for _ in range(5))
                    rounds["two P-256 verifications (raw2)"].append((raw, raw))
                    for what, port in (("empty FastAPI POST", "empty"), ("`POST /checks`", "verifier")):
                        rate = await _rate(ready[port], bodies, connections)
                        rounds[f"{what}, {connections} connections"].append((rate, raw))
        finally:
            server.terminate()
            server.wait(timeout=30)
    rows = [
        f"| {what} | {statistics.median(rate for rate, _ in found):,.0f} "
        f"| {statistics.median(rate / raw for rate, raw in found):.0%} |"
        for what, found in rounds.items()
    ]
    return "\n".join(
        ["### `POST /checks`, one worker", "", "| what | per second | share of raw2 |", "|---|---:|---:|", *rows]
    )


async def _until_ready(folder: Path, server: subprocess.Popen[bytes]) -> dict[str, str]:
    deadline = time.monotonic() + _STARTING_SECONDS
    while not (folder / "bench.json").exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the server under test did not start:\n" + (folder / "log").read_text("utf-8"))
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
        bodies.append(compact_json({"qr": qr}))
    return bodies


async def _rate(port: int | str, bodies: list[bytes], connections: int) -> float:
    """Answers a second when the bodies are sent over several connections at once; every one must be an acceptance."""
    head = f"POST /checks HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: "
    waiting = [head.encode("ascii") + str(len(body)).encode("ascii") + b"\r\n\r\n" + body for body in bodies]
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    opened = [
        (await loop.create_connection(lambda: _Connection(waiting, loop), "127.0.0.1", int(port)))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.finished for connection in opened))
    return len(bodies) / (time.perf_counter() - started)


class _Connection(asyncio.Protocol):
    """One connection, kept alive, that sends what waits until nothing is left; written so as to cost little time."""

    def __init__(self, waiting: list[bytes], loop: asyncio.AbstractEventLoop) -> None:
        self.finished: asyncio.Future[None] = loop.create_future()
        self._waiting = waiting
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sends the first."""
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Sends the next once an answer is there in full."""
        self._answer += data
        head, complete, body = self._answer.partition(b"\r\n\r\n")
        length = _CONTENT_LENGTH.search(head + b"\r\n")
        if not complete or length is None or len(body) < int(length[1]):
            return
        if not body.startswith(b'{"verdict":"accepted"'):
            self.finished.set_exception(RuntimeError("the server under test did not accept a good code"))
            return
        self._answer = b""
        self._ask()

    def _ask(self) -> None:
        if self._waiting:
            self._transport.write(self._waiting.pop())
        else:
            self._transport.close()
            self.finished.set_result(None)
