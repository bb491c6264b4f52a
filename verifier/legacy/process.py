"""The didkit process as its owner sees it: a question goes in, an answer comes back in time, or none counts.

An answer counts once its line has come through the pipe, whatever becomes of the process afterwards. A process that
ends, hangs or writes anything else before that has said nothing: the question is refused, and the next one gets a new
process.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

WORKER = (sys.executable, "-m", "verifier.legacy.worker")
_READY = b"ready\n"
_LINE_BYTES = 64 * 1024
_log = logging.getLogger(__name__)


class DidkitFailed(Exception):
    """didkit gave no answer: it crashed, took too long, or is not there."""


def is_didkit_installed() -> bool:
    """Whether the extra `didkit` is installed; it is not imported into this process."""
    return importlib.util.find_spec("didkit") is not None


class DidkitProcess:
    """One process, started at the first question and again after it failed; one question at a time."""

    def __init__(
        self, *, command: Sequence[str] = WORKER, start_seconds: float = 15.0, answer_seconds: float = 3.0
    ) -> None:
        self._command = command
        self._start_seconds = start_seconds
        self._answer_seconds = answer_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    @property
    def installed(self) -> bool:
        """Whether there is a didkit to run."""
        return is_didkit_installed()

    async def ask(self, kind: str, text: str, options: dict[str, str]) -> dict[str, Any]:
        """didkit's `checks` and `errors` on a `credential` or `presentation`. Raises `DidkitFailed`."""
        question = json.dumps({"kind": kind, "text": text, "options": options}).encode("ascii") + b"\n"
        async with self._turn:
            try:
                return await self._answer(question)
            except BaseException as cause:  # also where the caller went away: an answer may still be on its way
                await self._end()
                if not isinstance(cause, OSError | ValueError | TimeoutError):
                    raise
                _log.warning("didkit gave no answer", extra={"error": type(cause).__name__})
                raise DidkitFailed("didkit gave no answer") from cause

    async def stop(self) -> None:
        """Ends the process; the next question starts another."""
        async with self._turn:
            await self._end()

    async def _answer(self, question: bytes) -> dict[str, Any]:
        used = self._process is not None
        line = await self._exchanged(question)
        if not line and used:  # it ended after its last answer, before this question or by it: a new one will tell
            await self._end()
            line = await self._exchanged(question)
        answer = json.loads(line)
        if not isinstance(answer, dict) or not line.endswith(b"\n"):
            raise ValueError("half an answer")
        return answer

    async def _exchanged(self, question: bytes) -> bytes:
        return await asyncio.wait_for(_exchange(await self._started(), question), self._answer_seconds)

    async def _started(self) -> asyncio.subprocess.Process:
        """The process, ready for a question."""
        if self._process is not None and self._process.returncode is not None:
            await self._end()
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH")},
                limit=_LINE_BYTES,
            )
            line = await asyncio.wait_for(_exchange(self._process, b""), self._start_seconds)
            if line != _READY:
                raise ValueError("not ready")
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def _exchange(process: asyncio.subprocess.Process, question: bytes) -> bytes:
    """Writes a question and reads one line, empty where the process has ended."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("no pipes")
    with suppress(ConnectionError):
        process.stdin.write(question)
        await process.stdin.drain()
    return await process.stdout.readline()
