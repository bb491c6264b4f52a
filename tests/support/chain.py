"""A registry on an embedded chain, with the few keys that a test writes with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.clock import SetClock
from vc_core.errors import LedgerUnavailable
from vc_core.ledger.contract import Contract, load_contract
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.ledger.events import RegistryEvent
from vc_core.ledger.protocol import BlockHead, Ledger, Receipt
from vc_core.ledger.registry import RegistryAddresses, RegistryWriter, decode_log, deploy_registries
from vc_core.ledger.transactions import LedgerKey, Transaction

CHAIN_ID = 1337


@dataclass
class Chain:
    """An embedded chain with the registries deployed; `deployed` is the block of the last deployment."""

    ledger: EmbeddedLedger
    addresses: RegistryAddresses
    governor: LedgerKey
    clock: SetClock
    path: Path
    deployed: int
    did_registry: Contract = field(default_factory=lambda: load_contract("DidRegistry"))
    trust_registry: Contract = field(default_factory=lambda: load_contract("TrustRegistry"))
    anchors: Contract = field(default_factory=lambda: load_contract("Anchors"))

    @classmethod
    async def create(
        cls,
        path: Path,
        clock: SetClock,
        *,
        chain_id: int = CHAIN_ID,
        rules: Any = "paris",
        governor: LedgerKey | None = None,
    ) -> Chain:
        """A fresh chain in the file at `path`."""
        ledger = EmbeddedLedger.open(path, chain_id=chain_id, clock=clock, rules=rules)
        governor = governor or LedgerKey.generate()
        addresses = await deploy_registries(ledger, governor)
        return cls(ledger, addresses, governor, clock, path, (await ledger.head()).number)

    @property
    def writer(self) -> RegistryWriter:
        return RegistryWriter(self.ledger, self.addresses)

    async def write(self, sender: LedgerKey, function: str, *arguments: Any) -> Receipt:
        """Sends a transaction to a function of the DidRegistry, as the sender."""
        return await self.send(sender, self.addresses.did_registry, self.did_registry.encode_call(function, *arguments))

    async def send(self, sender: LedgerKey, to: bytes, data: bytes, *, gas: int = 500_000) -> Receipt:
        """Sends a transaction."""
        transaction = Transaction(await self.ledger.nonce(sender.address), to, data, gas)
        return await self.ledger.send(sender.sign_transaction(transaction, chain_id=self.ledger.chain_id))

    async def read(self, function: str, *arguments: Any) -> Any:
        """What a function of the DidRegistry returns, its only value."""
        data = await self.ledger.call(self.addresses.did_registry, self.did_registry.encode_call(function, *arguments))
        return self.did_registry.decode_result(function, data)[0]

    async def trust(self, sender: LedgerKey, function: str, *arguments: Any) -> Receipt:
        """Sends a transaction to a function of the TrustRegistry, as the sender."""
        data = self.trust_registry.encode_call(function, *arguments)
        return await self.send(sender, self.addresses.trust_registry, data, gas=5_000_000)

    async def ask_trust(self, function: str, *arguments: Any) -> tuple[Any, ...]:
        """What a function of the TrustRegistry returns."""
        data = self.trust_registry.encode_call(function, *arguments)
        answer = await self.ledger.call(self.addresses.trust_registry, data)
        return self.trust_registry.decode_result(function, answer)

    async def events(self) -> list[RegistryEvent]:
        """Everything that the registries told since they were deployed."""
        addresses = [self.addresses.did_registry, self.addresses.trust_registry, self.addresses.anchors]
        logs = await self.ledger.logs(
            addresses, from_block=self.deployed + 1, to_block=(await self.ledger.head()).number
        )
        return [event for log in logs if (event := decode_log(log, self.addresses)) is not None]


class BrokenLedger:
    """A ledger that can be made to fail in the ways that a node fails; otherwise the one behind it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.away = False
        self.forged_head: BlockHead | None = None
        self.forged_blocks: dict[int, BlockHead] = {}
        self.forged_logs: list[Any] | None = None
        self.forged_code: bytes | None = None
        self.calls: list[str] = []

    @property
    def chain_id(self) -> int:
        return self._ledger.chain_id

    def _ask(self, name: str) -> None:
        self.calls.append(name)
        if self.away:
            raise LedgerUnavailable("away")

    async def head(self) -> BlockHead:
        self._ask("head")
        return self.forged_head or await self._ledger.head()

    async def block(self, number: int) -> BlockHead:
        self._ask("block")
        return self.forged_blocks.get(number) or await self._ledger.block(number)

    async def logs(self, addresses: Any, *, from_block: int, to_block: int) -> Any:
        self._ask("logs")
        if self.forged_logs is not None:
            return self.forged_logs
        return await self._ledger.logs(addresses, from_block=from_block, to_block=to_block)

    async def call(self, to: bytes, data: bytes) -> bytes:
        return await self._ledger.call(to, data)

    async def nonce(self, address: bytes) -> int:
        return await self._ledger.nonce(address)

    async def code(self, address: bytes) -> bytes:
        self._ask("code")
        return await self._ledger.code(address) if self.forged_code is None else self.forged_code

    async def send(self, raw_transaction: bytes) -> Receipt:
        return await self._ledger.send(raw_transaction)

    async def transact(self, sender: LedgerKey, to: bytes, data: bytes, *, gas: int) -> Receipt:
        return await self._ledger.transact(sender, to, data, gas=gas)
