"""Waiting for the person at the keyboard, or the system, to say that it is enough."""

from __future__ import annotations

import asyncio
import signal


async def until_stopped() -> None:
    """Returns at Ctrl-C (SIGINT) or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
