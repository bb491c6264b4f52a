"""E6: what a chain takes back. The mirror reads final blocks only, and says so when even these are gone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from tests.support.clock import SetClock
from tests.support.fake_nodes import FAST
from tests.support.ledger_peers import Anvil, running_anvil
from vc_core.errors import LedgerError, LedgerUnavailable
from vc_core.ledger.evm import EvmLedger
from vc_core.ledger.mirror import MemoryMirrorStore, RegistryMirror
from vc_core.ledger.registry import RegistryWriter, deploy_registries
from vc_core.ledger.snapshot import RegistryAddresses
from vc_core.ledger.transactions import LedgerKey

FREE = ("--base-fee", "0", "--gas-price", "0")
CONFIRMATIONS = 3


@dataclass
class Followed:
    """A registry on anvil, written to without waiting, and a mirror that waits for confirmations."""

    anvil: Anvil
    writer: RegistryWriter
    addresses: RegistryAddresses
    store: MemoryMirrorStore
    mirror: RegistryMirror
    reading: EvmLedger
    owner: LedgerKey

    def names(self) -> int:
        """How many events of the owner the mirror has."""
        return len(self.mirror.state.identity_events("0x" + self.owner.address.hex()))

    async def publish(self, name: str) -> None:
        await self.writer.publish_name(self.owner, name)

    async def mine(self, blocks: int) -> None:
        await self.anvil.ask("anvil_mine", hex(blocks))


@asynccontextmanager
async def followed(clock: SetClock) -> AsyncIterator[Followed]:
    async with running_anvil(*FREE) as anvil:
        writing = await EvmLedger.open([anvil.url], chain_id=1337, pace=FAST)
        reading = await EvmLedger.open([anvil.url], chain_id=1337, pace=FAST, confirmations=CONFIRMATIONS)
        try:
            addresses = await deploy_registries(writing, LedgerKey.generate())
            store = MemoryMirrorStore()
            mirror = RegistryMirror(reading, addresses, store, clock)
            writer = RegistryWriter(writing, addresses)
            yield Followed(anvil, writer, addresses, store, mirror, reading, LedgerKey.generate())
        finally:
            await writing.close()
            await reading.close()


async def test_only_what_is_confirmed_is_read(clock: SetClock) -> None:
    async with followed(clock) as chain:
        await chain.publish("first")
        await chain.mine(CONFIRMATIONS - 1)
        await chain.mirror.advance()
        assert chain.names() == 0

        await chain.mine(1)
        await chain.mirror.advance()
        assert chain.names() == 1


async def test_what_is_taken_back_before_it_is_final_was_never_read(clock: SetClock) -> None:
    async with followed(clock) as chain:
        await chain.publish("first")
        await chain.mine(CONFIRMATIONS)
        await chain.mirror.advance()
        await chain.publish("taken back")
        await chain.mirror.advance()

        await chain.anvil.ask("anvil_reorg", 2, [])
        await chain.mine(CONFIRMATIONS)
        await chain.mirror.advance()

        assert chain.names() == 1
        assert chain.mirror.contradiction is None


async def test_a_reorganisation_deeper_than_that_is_reported_and_stays_so(clock: SetClock) -> None:
    async with followed(clock) as chain:
        await chain.publish("first")
        await chain.mine(CONFIRMATIONS + 2)
        await chain.mirror.advance()
        before, synced_at = chain.mirror.snapshot(), chain.mirror.synced_at
        clock.advance(60)

        await chain.anvil.ask("anvil_reorg", CONFIRMATIONS + 3, [])  # the event too, else the blocks are the same
        await chain.mine(10)

        for mirror in (chain.mirror, RegistryMirror(chain.reading, chain.addresses, chain.store, clock)):
            await mirror.start() if mirror is not chain.mirror else None  # also after a restart
            for _ in range(2):
                with pytest.raises(LedgerError, match="no longer"):
                    await mirror.advance()
            await mirror.try_to_advance()
            assert mirror.contradiction is not None
            assert (mirror.snapshot(), mirror.synced_at) == (before, synced_at)


async def test_losing_the_node_contradicts_nothing(clock: SetClock) -> None:
    async with followed(clock) as chain:
        await chain.mine(CONFIRMATIONS)
        await chain.mirror.advance()
        nobody = await EvmLedger.open(["http://127.0.0.1:1"], chain_id=1337, pace=FAST)
        again = RegistryMirror(nobody, chain.addresses, chain.store, clock)
        await again.start()

        with pytest.raises(LedgerUnavailable):
            await again.advance()

        assert again.contradiction is None
        assert again.snapshot() == chain.mirror.snapshot()
        await nobody.close()


async def test_it_begins_where_it_is_told_to(clock: SetClock) -> None:
    async with followed(clock) as chain:
        await chain.publish("before")
        await chain.mine(5)
        first_block = (await chain.reading.head()).number + CONFIRMATIONS + 1
        await chain.publish("after")
        await chain.mine(CONFIRMATIONS)
        mirror = RegistryMirror(chain.reading, chain.addresses, MemoryMirrorStore(), clock, first_block=first_block)

        await mirror.advance()

        assert len(mirror.state.identity_events("0x" + chain.owner.address.hex())) == 1
