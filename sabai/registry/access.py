"""Opening the ledger that an operator names: nodes over JSON-RPC, or the embedded chain of a data folder.

A running `sabai up` has the embedded chain's file to itself; then its JSON-RPC endpoint is asked, where it has one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sabai.registry.accounting import AccountingLedger, EstimateGas
from sabai.registry.known import LEDGER_FILE, SERVICES_FILE, KnownRegistry, load_known_registry
from vc_core.clock import Clock
from vc_core.errors import InvalidRequest, LedgerLocked
from vc_core.http import HttpClient
from vc_core.ledger.evm import EvmLedger
from vc_core.ledger.evm.ledger import MAX_RESPONSE_BYTES
from vc_core.ledger.evm.node import RpcNode
from vc_core.ledger.evm.nodes import NodeSet
from vc_core.ledger.evm.sending import execution_failure
from vc_core.ledger.hex_values import hex_data, parse_quantity
from vc_core.ledger.protocol import Ledger
from vc_core.ledger.registry import RegistryWriter
from vc_core.ledger.rpc_errors import RpcError


@dataclass(frozen=True)
class Place:
    """Where the ledger is: `urls` of nodes, else the embedded chain in `data_dir`; and the file that says which
    registry, `services.json` of the data folder unless another is named.
    """

    urls: tuple[str, ...]
    data_dir: Path
    registry_file: Path | None = None

    def known(self) -> KnownRegistry:
        """The registry that is meant. Raises `InvalidRequest` where nothing says which."""
        return load_known_registry(self.registry_file or self.data_dir / SERVICES_FILE)


def open_network() -> HttpClient:
    """A client for nodes of the operator's choice."""
    return HttpClient(allow_private=True, max_response_bytes=MAX_RESPONSE_BYTES)


@dataclass(frozen=True)
class Surroundings:
    """What comes from outside: the clock, the network, and who is told what is being sent."""

    clock: Clock
    open_http: Callable[[], HttpClient] = open_network
    before_sending: Callable[[str], None] | None = None


@dataclass(frozen=True)
class OpenRegistry:
    """A registry on an open ledger; `source` names the engine, for a person."""

    known: KnownRegistry
    ledger: AccountingLedger
    clock: Clock
    source: str

    @property
    def writer(self) -> RegistryWriter:
        """Writes to it."""
        return RegistryWriter(self.ledger, self.known.addresses)


@asynccontextmanager
async def open_registry(place: Place, around: Surroundings, *, dry_run: bool = False) -> AsyncIterator[OpenRegistry]:
    """The registry, until the block ends.

    Raises `InvalidRequest` where the place names none, `WrongChain`, `LedgerLocked` where another process has the
    embedded chain and does not answer JSON-RPC.
    """
    known = place.known()
    async with open_ledger(place, known, around) as (ledger, estimate, source):
        accounting = AccountingLedger(
            ledger, estimate, names=known.contract_names(), dry_run=dry_run, before_sending=around.before_sending
        )
        yield OpenRegistry(known, accounting, around.clock, source)


@asynccontextmanager
async def open_ledger(
    place: Place, known: KnownRegistry, around: Surroundings
) -> AsyncIterator[tuple[Ledger, EstimateGas, str]]:
    """The chain alone, how to estimate on it, and the engine's name. Errors as `open_registry`."""
    if place.urls:
        async with _open_over_rpc(place.urls, known, around) as opened:
            yield opened
        return
    path = place.data_dir / LEDGER_FILE
    if not path.exists():
        raise InvalidRequest(f"There is no embedded chain in {place.data_dir}; `sabai up` makes one.")
    from vc_core.ledger.embedded import EmbeddedLedger

    try:
        embedded = EmbeddedLedger.open(path, chain_id=known.chain_id, clock=around.clock)
    except LedgerLocked as locked:
        if known.rpc is None:
            raise LedgerLocked("another process has the embedded chain: start `sabai up` with --rpc-port") from locked
        async with _open_over_rpc((known.rpc,), known, around) as opened:
            yield opened
        return
    try:
        yield embedded, embedded.estimate_gas, "embedded chain"
    finally:
        embedded.close()


@asynccontextmanager
async def _open_over_rpc(
    urls: tuple[str, ...], known: KnownRegistry, around: Surroundings
) -> AsyncIterator[tuple[Ledger, EstimateGas, str]]:
    http = around.open_http()
    ledger = await EvmLedger.open(urls, chain_id=known.chain_id, confirmations=known.confirmations, http=http)
    try:
        nodes = NodeSet([RpcNode(url, http, chain_id=known.chain_id) for url in urls])
        yield ledger, estimate_by(nodes), "JSON-RPC"
    finally:
        await ledger.close()


def estimate_by(nodes: NodeSet) -> EstimateGas:
    """Estimates by `eth_estimateGas`. Raises `Reverted`, `TransactionFailed`, `LedgerUnavailable`."""

    async def estimate(sender: bytes, to: bytes, data: bytes) -> int:
        call = {"from": hex_data(sender), "data": hex_data(data)} | ({"to": hex_data(to)} if to else {})
        try:
            return parse_quantity(await nodes.ask("eth_estimateGas", call))
        except RpcError as error:
            raise execution_failure(error) from error

    return estimate
