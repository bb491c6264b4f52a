"""Which ledger a service's process runs on: any EVM chain over JSON-RPC, or, embedded, the file of the chain itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from vc_core.clock import Clock
from vc_core.errors import SettingsError
from vc_core.ledger.protocol import Ledger
from vc_core.web.registry import RegistrySettings


class LedgerSettings(RegistrySettings):
    """Settings of a process that opens the ledger itself.

    `ledger_urls`: the nodes' JSON-RPC addresses, separated by commas; kept secret, since they may hold access keys.
    `ledger_confirmations`: how many blocks must follow one until it counts; 0 where the chain's blocks are final at
    once (Besu's QBFT). `ledger_max_head_age`: how old, in seconds, the newest such block may be until the nodes count
    as behind; 0 for a chain that makes blocks only when there is something to put in. `ledger_path`: the embedded
    chain's file, for that profile only, and for one process at a time. `without_ledger`: there is none, and what the
    service knows of the registry comes by trust bundles.
    """

    ledger_urls: SecretStr = SecretStr("")
    ledger_confirmations: int = Field(default=12, ge=0)
    ledger_max_head_age: int = Field(default=900, ge=0)
    ledger_path: Path | None = None
    without_ledger: bool = False

    def node_urls(self) -> list[str]:
        """The nodes' addresses."""
        return [url.strip() for url in self.ledger_urls.get_secret_value().split(",") if url.strip()]

    def problems(self) -> list[str]:
        """See `ServiceSettings.problems`."""
        found = super().problems()
        if any(urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname for url in self.node_urls()):
            found.append("ledger_urls must be http or https addresses, separated by commas")
        if self.without_ledger:
            if self.node_urls() or self.ledger_path is not None:
                found.append("without_ledger goes with neither ledger_urls nor ledger_path")
            return found
        if self.profile == "production" and not self.node_urls():
            found.append("ledger_urls must name at least one node in production")
        if not self.node_urls() and self.ledger_path is None:
            found.append("ledger_urls or, in the embedded profile, ledger_path must be set")
        return found


@asynccontextmanager
async def opened_ledger(settings: LedgerSettings, clock: Clock) -> AsyncIterator[Ledger]:
    """The ledger that the settings name, until the block ends.

    Raises `SettingsError` where they name none, `WrongChain`, `LedgerLocked`.
    """
    if settings.without_ledger:
        from vc_core.ledger.no_ledger import NoLedger

        yield NoLedger(settings.chain_id)
        return
    urls = settings.node_urls()
    if urls:
        from vc_core.ledger.evm import EvmLedger  # an extra, as the other engine: only the one in use is loaded

        over_rpc = await EvmLedger.open(
            urls,
            chain_id=settings.chain_id,
            confirmations=settings.ledger_confirmations,
            max_head_age=settings.ledger_max_head_age,
            clock=clock,
        )
        try:
            yield over_rpc
        finally:
            await over_rpc.close()
        return
    if settings.profile == "production" or settings.ledger_path is None:
        raise SettingsError(["the settings name no ledger"])
    from vc_core.ledger.embedded import EmbeddedLedger

    embedded = EmbeddedLedger.open(settings.ledger_path, chain_id=settings.chain_id, clock=clock)
    try:
        yield embedded
    finally:
        embedded.close()
