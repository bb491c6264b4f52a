"""An embedded chain with events on it, to be read through nodes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.clock import SetClock
from tests.support.fake_nodes import FakeNetwork, FakeNode
from vc_core.ledger.contract import load_contract
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.ledger.protocol import Receipt
from vc_core.ledger.transactions import LedgerKey

NAME = b"did/pub/Multikey/veriKey".ljust(32, b"\0")


@dataclass
class Story:
    """A chain, its registry, and who writes to it."""

    ledger: EmbeddedLedger
    registry: bytes
    owner: LedgerKey

    @property
    def data(self) -> bytes:
        """A call that the registry takes."""
        return load_contract("DidRegistry").encode_call("setAttribute", self.owner.address, NAME, b"\x01" * 35, 60)

    async def write(self, times: int = 1) -> Receipt:
        """So many events, each in a block of its own; the last receipt."""
        receipts = [await self.ledger.transact(self.owner, self.registry, self.data, gas=500_000) for _ in range(times)]
        return receipts[-1]

    def network(self, count: int = 1) -> FakeNetwork:
        """So many nodes of the chain."""
        return FakeNetwork([FakeNode(self.ledger) for _ in range(count)])


@pytest.fixture
async def story(tmp_path: Path, clock: SetClock) -> AsyncIterator[Story]:
    """A chain with a registry in block 1 and five events after it."""
    ledger = EmbeddedLedger.open(tmp_path / "chain.sqlite", chain_id=1337, clock=clock)
    owner = LedgerKey.generate()
    deployment = await ledger.transact(owner, b"", load_contract("DidRegistry").encode_deployment(), gas=3_000_000)
    created = Story(ledger, deployment.contract_address or b"", owner)
    await created.write(5)
    yield created
    ledger.close()


@pytest.fixture
async def fork(tmp_path: Path, clock: SetClock) -> AsyncIterator[EmbeddedLedger]:
    """Another chain of the same id, with other blocks."""
    clock.advance(-1_000)
    ledger = EmbeddedLedger.open(tmp_path / "fork.sqlite", chain_id=1337, clock=clock)
    clock.advance(1_000)
    key = LedgerKey.generate()
    for _ in range(6):
        await ledger.transact(key, b"", b"", gas=100_000)
    yield ledger
    ledger.close()
