"""`python -m issuer`: the issuer as a process of its own, told by `ISSUER_…` in the environment."""

from __future__ import annotations

import asyncio
import sys
from urllib.parse import urlsplit

import uvicorn
from pydantic import ValidationError

from issuer.app import create_app
from issuer.settings import IssuerSettings
from vc_core.clock import system_clock
from vc_core.errors import SabaiError, SettingsError
from vc_core.http import HttpClient
from vc_core.web.chain import LedgerSettings, opened_ledger
from vc_core.web.logs import configure_logging


class ProcessSettings(LedgerSettings, IssuerSettings):
    """What only a process of its own needs: the ledger."""


def main() -> int:
    """Serves until stopped; ends with 1 and one line on standard error where it can't start."""
    configure_logging()
    try:
        asyncio.run(_serve(_load_settings()))
    except SabaiError as error:
        sys.stderr.write(f"issuer: {error.message}\n")
        return 1
    return 0


def _load_settings() -> ProcessSettings:
    try:
        settings = ProcessSettings()
    except ValidationError as cause:
        names = sorted({"ISSUER_" + "_".join(str(part) for part in each["loc"]).upper() for each in cause.errors()})
        raise SettingsError([f"these settings are missing or wrong: {', '.join(names)}"]) from cause
    settings.check()
    return settings


async def _serve(settings: ProcessSettings) -> None:
    http = HttpClient(allow_loopback=settings.profile == "embedded")
    try:
        async with opened_ledger(settings, system_clock) as ledger:
            app = create_app(settings, clock=system_clock, ledger=ledger, http=http)
            address = urlsplit(settings.public_url)
            host, port = address.hostname or "127.0.0.1", address.port or 8001
            await uvicorn.Server(uvicorn.Config(app, host=host, port=port, log_config=None)).serve()
    finally:
        await http.close()


if __name__ == "__main__":
    sys.exit(main())
