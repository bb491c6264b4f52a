"""`python -m backend`: the service by itself, set up by environment variables that begin with `BACKEND_`."""

from __future__ import annotations

import asyncio
import sys

import uvicorn
from pydantic import ValidationError

from backend.app import create_app
from backend.settings import BackendSettings
from vc_core.clock import system_clock
from vc_core.errors import SabaiError, SettingsError
from vc_core.http import HttpClient
from vc_core.web.chain import LedgerSettings, opened_ledger
from vc_core.web.logs import configure_logging


class ProcessSettings(LedgerSettings, BackendSettings):
    """What only a process of its own needs: the ledger, and where to listen."""

    host: str = "127.0.0.1"
    port: int = 8000


def load_settings() -> ProcessSettings:
    """The settings from the environment. Raises `SettingsError` with every problem at once."""
    try:
        settings = ProcessSettings()
    except ValidationError as cause:
        fields = sorted({"BACKEND_" + str(problem["loc"][0]).upper() for problem in cause.errors()})
        raise SettingsError([f"{field} is missing or not of its form" for field in fields]) from cause
    settings.check()
    return settings


async def serve(settings: ProcessSettings) -> None:
    """Runs the service until it is told to stop. Raises `SettingsError` where there is no ledger, `LedgerError`."""
    http = HttpClient(allow_loopback=settings.profile == "embedded")
    try:
        async with opened_ledger(settings, system_clock) as ledger:
            app = create_app(settings, clock=system_clock, ledger=ledger, http=http)
            config = uvicorn.Config(app, settings.host, settings.port, log_config=None, access_log=False)
            await uvicorn.Server(config).serve()
    finally:
        await http.close()


def main() -> int:
    """Runs the service; returns the process's exit code."""
    configure_logging()
    try:
        asyncio.run(serve(load_settings()))
    except SabaiError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
