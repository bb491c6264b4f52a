"""One service as a process of its own: its settings from the environment, a ledger, a server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from uvicorn.loops.auto import auto_loop_factory

from vc_core.clock import system_clock
from vc_core.errors import SabaiError, SettingsError
from vc_core.http import HttpClient
from vc_core.web.chain import LedgerSettings, opened_ledger
from vc_core.web.logs import configure_logging

KEEP_ALIVE_SECONDS = 150
"""How long an idle connection stays open: longer than clients and proxies use it (httpx 5 s, nginx 60 s, Caddy 120 s).

So it is they who end it. A request that is sent while its connection is ended from here is lost.
"""


class ProcessSettings(LedgerSettings):
    """What only a process of its own needs, beside the ledger: the address and port to listen on."""

    host: str = "127.0.0.1"
    port: int


Settings = TypeVar("Settings", bound=ProcessSettings)


def load_settings(kind: type[Settings]) -> Settings:
    """The settings from the environment. Raises `SettingsError` with every problem at once."""
    try:
        settings = kind()
    except ValidationError as cause:
        prefix = kind.model_config.get("env_prefix", "")
        fields = sorted({prefix + str(problem["loc"][0]).upper() for problem in cause.errors()})
        raise SettingsError([f"{field} is missing or not of its form" for field in fields]) from cause
    settings.check()
    return settings


def run_service(kind: type[Settings], create_app: Callable[..., FastAPI]) -> int:
    """Runs the service until it is told to stop; returns the process's exit code.

    Where it can't start it writes one line to standard error and returns 1. `create_app` takes the settings, and
    `clock`, `ledger` and `http` by name.
    """
    configure_logging()
    try:
        run_on_server_loop(_serve(load_settings(kind), create_app))
    except SabaiError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0


def run_on_server_loop(main: Coroutine[Any, Any, None]) -> None:
    """As `asyncio.run`, on the event loop that uvicorn takes when it may choose: uvloop where it is installed."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(main)


async def _serve(settings: ProcessSettings, create_app: Callable[..., Any]) -> None:
    http = HttpClient(allow_loopback=settings.profile == "embedded")
    try:
        async with opened_ledger(settings, system_clock) as ledger:
            app = create_app(settings, clock=system_clock, ledger=ledger, http=http)
            config = uvicorn.Config(
                app,
                settings.host,
                settings.port,
                log_config=None,
                access_log=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
            )
            await uvicorn.Server(config).serve()
    finally:
        await http.close()
