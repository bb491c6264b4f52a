"""The FCM stand-in as a server on a free port of this machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache

import uvicorn

from sabai.fcm_stand_in import FcmStandIn, create_stand_in_service_account
from vc_core.clock import system_clock
from vc_core.web.process import KEEP_ALIVE_SECONDS


@dataclass(frozen=True)
class RunningStandIn:
    """The stand-in, its origin, and the service account that it knows."""

    fcm: FcmStandIn
    url: str
    service_account: dict[str, str]


@cache
def stand_in_service_account() -> dict[str, str]:
    """One for all stand-ins: its RSA key takes longer to make than what most tests do with it."""
    return create_stand_in_service_account("http://127.0.0.1/token")


@asynccontextmanager
async def running_stand_in() -> AsyncIterator[RunningStandIn]:
    """A stand-in that answers until the block ends. It has the machine's clock, as google-auth signs by that."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        account = {**stand_in_service_account(), "token_uri": f"{url}/token"}
        fcm = FcmStandIn(account, clock=system_clock)
        server = uvicorn.Server(
            uvicorn.Config(fcm.app, lifespan="off", ws="none", log_config=None, timeout_keep_alive=KEEP_ALIVE_SECONDS)
        )
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield RunningStandIn(fcm, url, account)
        finally:
            server.should_exit = True
            await task
