"""Work that a service repeats while it runs: following the chain, forgetting what is past."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from vc_core.web.logs import log_failure

STOP_SECONDS = 10
_log = logging.getLogger(__name__)


class Background:
    """Repeats `work` with a pause between, from `start` to `stop`; `work` is to see to the errors that it foresees.

    Any other is logged without its message, and the next run may be better. It is stopped between two runs rather than
    within one: a database call cut short leaves its thread behind.
    """

    def __init__(self, work: Callable[[], Awaitable[None]], *, pause_seconds: float) -> None:
        self._work = work
        self._pause_seconds = pause_seconds
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts the first run at once."""
        self._stopping.clear()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Returns once the run under way has ended, or was cancelled because it took too long."""
        self._stopping.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=STOP_SECONDS)
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._work()
            except Exception as failure:
                log_failure(_log, "work in the background failed", failure)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._pause_seconds)
