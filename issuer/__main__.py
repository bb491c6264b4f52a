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
from vc_core.web.logs import configure_logging


def main() -> int:
    """Serves until stopped; ends with 1 and one line on standard error where it can't start."""
    configure_logging()
    try:
        asyncio.run(_serve(_load_settings()))
    except SabaiError as error:
        sys.stderr.write(f"issuer: {error.message}\n")
        return 1
    return 0


def _load_settings() -> IssuerSettings:
    try:
        return IssuerSettings()
    except ValidationError as cause:
        names = sorted({"ISSUER_" + "_".join(str(part) for part in each["loc"]).upper() for each in cause.errors()})
        raise SettingsError([f"these settings are missing or wrong: {', '.join(names)}"]) from cause


async def _serve(settings: IssuerSettings) -> None:
    if settings.profile == "production" or settings.ledger_path is None:
        raise SettingsError(["a ledger over JSON-RPC is not there yet; the embedded profile needs ISSUER_LEDGER_PATH"])
    from vc_core.ledger.embedded import EmbeddedLedger  # an extra: only this profile needs an EVM in the process

    ledger = EmbeddedLedger.open(settings.ledger_path, chain_id=settings.chain_id, clock=system_clock)
    http = HttpClient(allow_loopback=True)
    try:
        app = create_app(settings, clock=system_clock, ledger=ledger, http=http)
        address = urlsplit(settings.public_url)
        config = uvicorn.Config(app, host=address.hostname or "127.0.0.1", port=address.port or 8001, log_config=None)
        await uvicorn.Server(config).serve()
    finally:
        await http.close()
        ledger.close()


if __name__ == "__main__":
    sys.exit(main())
