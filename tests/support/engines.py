"""Every engine under one face, for the one suite that all must pass."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.clock import SetClock
from tests.support.ledger_peers import running_anvil
from vc_core.http import HttpClient
from vc_core.ledger.contract import Contract, load_contract
from vc_core.ledger.embedded import EmbeddedLedger, Rules
from vc_core.ledger.evm import EvmLedger
from vc_core.ledger.evm.sending import Pace
from vc_core.ledger.protocol import Ledger, Receipt
from vc_core.ledger.transactions import Fee, LedgerKey, Transaction
from vc_core.web.rpc import create_rpc_app

CHAIN_ID = 1337
FAST = Pace(poll=0.02, stuck=5, patience=60)
ENGINES = ("embedded-paris", "embedded-istanbul", "rpc-paris", "rpc-istanbul", "anvil", "anvil-istanbul")


@dataclass
class Engine:
    """An engine with two registries on its chain."""

    ledger: Ledger
    registry: bytes
    other_registry: bytes
    pass_time: Callable[[int], Awaitable[None]]
    fund: Callable[[LedgerKey], Awaitable[None]]
    fee: Fee

    @property
    def contract(self) -> Contract:
        return load_contract("DidRegistry")

    async def create_key(self) -> LedgerKey:
        """A fresh account that can pay for gas."""
        key = LedgerKey.generate()
        await self.fund(key)
        return key

    async def write(self, sender: LedgerKey, function: str, *arguments: Any, gas: int = 500_000) -> Receipt:
        """A transaction to a function of the first registry."""
        data = self.contract.encode_call(function, *arguments)
        return await self.ledger.transact(sender, self.registry, data, gas=gas)

    def sign(self, sender: LedgerKey, nonce: int, function: str, *arguments: Any, gas: int = 500_000) -> bytes:
        """As `write`, but signed only."""
        transaction = Transaction(nonce, self.registry, self.contract.encode_call(function, *arguments), gas)
        return sender.sign_transaction(transaction, chain_id=CHAIN_ID, fee=self.fee)

    async def read(self, function: str, *arguments: Any) -> Any:
        """What a function of the first registry returns, its only value."""
        data = await self.ledger.call(self.registry, self.contract.encode_call(function, *arguments))
        return self.contract.decode_result(function, data)[0]


async def _nothing(_key: LedgerKey) -> None:
    """Gas is free."""


@asynccontextmanager
async def running_engine(name: str, folder: Path, clock: SetClock) -> AsyncIterator[Engine]:
    """The engine of that name, one of `ENGINES`, on a fresh chain."""
    run = _running_on_anvil if name.startswith("anvil") else _running_on_embedded
    async with run(name, folder, clock) as engine:
        yield engine


@asynccontextmanager
async def _running_on_embedded(name: str, folder: Path, clock: SetClock) -> AsyncIterator[Engine]:
    rules: Rules = "istanbul" if name.endswith("istanbul") else "paris"
    embedded = EmbeddedLedger.open(folder / "chain.sqlite", chain_id=CHAIN_ID, clock=clock, rules=rules)

    async def pass_time(seconds: int) -> None:
        clock.advance(seconds)

    try:
        if name.startswith("embedded"):
            yield await _with_registries(embedded, pass_time, _nothing, Fee(0))
            return
        ledger = await open_over_asgi(embedded)
        yield await _with_registries(ledger, pass_time, _nothing, Fee(0))
        await ledger.close()
    finally:
        embedded.close()


async def open_over_asgi(embedded: EmbeddedLedger) -> EvmLedger:
    """The JSON-RPC engine on the embedded chain's endpoint, without a port."""
    http = HttpClient(transport=httpx.ASGITransport(create_rpc_app(embedded)))
    return await EvmLedger.open(["http://chain.test"], chain_id=CHAIN_ID, http=http, pace=FAST)


@asynccontextmanager
async def _running_on_anvil(name: str, _folder: Path, _clock: SetClock) -> AsyncIterator[Engine]:
    rules = ["--hardfork", "istanbul"] if name.endswith("istanbul") else []
    async with running_anvil("--block-time", "1", "--mixed-mining", *rules) as anvil:

        async def pass_time(seconds: int) -> None:
            await anvil.ask("evm_increaseTime", seconds)
            await anvil.ask("evm_mine")

        async def fund(key: LedgerKey) -> None:
            await anvil.ask("anvil_setBalance", "0x" + key.address.hex(), hex(10**18))

        ledger = await EvmLedger.open([anvil.url], chain_id=CHAIN_ID, pace=FAST)
        yield await _with_registries(ledger, pass_time, fund, Fee(10**10))
        await ledger.close()


async def _with_registries(
    ledger: Ledger,
    pass_time: Callable[[int], Awaitable[None]],
    fund: Callable[[LedgerKey], Awaitable[None]],
    fee: Fee,
) -> Engine:
    deployer = LedgerKey.generate()
    await fund(deployer)
    data = load_contract("DidRegistry").encode_deployment()
    receipts = [await ledger.transact(deployer, b"", data, gas=3_000_000) for _ in range(2)]
    registry, other = (receipt.contract_address or b"" for receipt in receipts)
    return Engine(ledger, registry, other, pass_time, fund, fee)
