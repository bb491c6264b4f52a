"""The mirror: it follows, resumes, and keeps what it has when the chain does not behave."""

import asyncio
import dataclasses
import logging
from pathlib import Path

import pytest

from tests.support.chain import BrokenLedger, Chain
from tests.support.clock import SetClock
from vc_core.errors import LedgerError, LedgerUnavailable, WrongChain
from vc_core.ledger import mirror as mirror_module
from vc_core.ledger.events import GovernanceChanged
from vc_core.ledger.mirror import MemoryMirrorStore, RegistryMirror
from vc_core.ledger.protocol import BlockHead
from vc_core.ledger.snapshot import RegistrySnapshot
from vc_core.ledger.transactions import LedgerKey


class FailingStore(MemoryMirrorStore):
    """A store whose database can be away."""

    is_away = False

    async def append(self, progress: RegistrySnapshot) -> None:
        if self.is_away:
            raise OSError("the database is away: secret detail")
        await super().append(progress)


@pytest.fixture
def store() -> FailingStore:
    return FailingStore()


@pytest.fixture
def ledger(chain: Chain) -> BrokenLedger:
    return BrokenLedger(chain.ledger)


@pytest.fixture
async def mirror(chain: Chain, ledger: BrokenLedger, store: FailingStore) -> RegistryMirror:
    """A mirror that has caught up with the chain, on which one organisation has a name."""
    await chain.writer.publish_name(chain.governor, "first")
    started = RegistryMirror(ledger, chain.addresses, store, chain.clock)
    await started.start()
    await started.advance()
    return started


def names(chain: Chain, mirror: RegistryMirror) -> int:
    return len(mirror.state.identity_events("0x" + chain.governor.address.hex()))


async def test_before_anything_was_read(chain: Chain, ledger: BrokenLedger, store: FailingStore) -> None:
    mirror = RegistryMirror(ledger, chain.addresses, store, chain.clock)
    await mirror.start()

    assert (mirror.head, mirror.synced_at) == (None, 0)
    with pytest.raises(LedgerError):
        mirror.snapshot()


async def test_it_follows(chain: Chain, mirror: RegistryMirror) -> None:
    assert (mirror.head, mirror.synced_at) == (await chain.ledger.head(), chain.clock())
    assert names(chain, mirror) == 1

    chain.clock.advance(5)
    await chain.writer.publish_name(chain.governor, "second")
    await mirror.advance()

    assert (mirror.head, mirror.synced_at) == (await chain.ledger.head(), chain.clock())
    assert names(chain, mirror) == 2
    deployment, since = mirror.snapshot().events[:2], mirror.snapshot().events[2:]
    assert {type(event) for event in deployment} == {GovernanceChanged}
    assert list(since) == await chain.events()


async def test_advancing_twice_changes_nothing_but_the_age(
    chain: Chain, mirror: RegistryMirror, store: FailingStore
) -> None:
    before = mirror.snapshot()

    await mirror.advance()
    assert mirror.snapshot() == before

    chain.clock.advance(60)
    await asyncio.gather(mirror.advance(), mirror.advance())
    assert mirror.snapshot() == dataclasses.replace(before, synced_at=chain.clock())
    assert await store.load() == mirror.snapshot()


async def test_it_resumes_without_asking_the_chain(
    chain: Chain, mirror: RegistryMirror, ledger: BrokenLedger, store: FailingStore
) -> None:
    ledger.away = True
    again = RegistryMirror(ledger, chain.addresses, store, chain.clock)

    await again.start()

    assert again.snapshot() == mirror.snapshot()
    with pytest.raises(LedgerUnavailable):
        await again.advance()
    assert again.snapshot() == mirror.snapshot()


async def test_it_reads_only_what_is_new(
    chain: Chain, mirror: RegistryMirror, ledger: BrokenLedger, store: FailingStore
) -> None:
    await chain.writer.publish_name(chain.governor, "second")
    again = RegistryMirror(ledger, chain.addresses, store, chain.clock)
    await again.start()
    asked: list[tuple[int, int]] = []
    logs = ledger.logs

    async def counting(addresses: object, *, from_block: int, to_block: int) -> object:
        asked.append((from_block, to_block))
        return await logs(addresses, from_block=from_block, to_block=to_block)

    ledger.logs = counting  # type: ignore[method-assign]  # counts, then asks
    await again.advance()

    head = (await chain.ledger.head()).number
    assert asked == [(head, head)]


async def test_a_long_chain_is_read_in_steps(
    chain: Chain, ledger: BrokenLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror_module, "_BLOCKS_PER_STEP", 2)
    for number in range(5):
        await chain.writer.publish_name(chain.governor, str(number))
    kept: list[RegistrySnapshot] = []

    class Recording(MemoryMirrorStore):
        async def append(self, progress: RegistrySnapshot) -> None:
            kept.append(progress)
            await super().append(progress)

    mirror = RegistryMirror(ledger, chain.addresses, Recording(), chain.clock)
    await mirror.advance()

    head = (await chain.ledger.head()).number
    assert [progress.head.number for progress in kept] == [*range(1, head, 2), head]
    assert {progress.synced_at for progress in kept[:-1]} == {0}  # not the newest yet, so no age to tell
    assert kept[-1].synced_at == chain.clock()
    deployment, since = mirror.snapshot().events[:2], mirror.snapshot().events[2:]
    assert {type(event) for event in deployment} == {GovernanceChanged}
    assert list(since) == await chain.events()


async def test_another_chain_is_refused(
    tmp_path: Path, clock: SetClock, mirror: RegistryMirror, store: FailingStore
) -> None:
    other = await Chain.create(tmp_path / "other.sqlite", clock, chain_id=1338)
    before = await store.load()

    for addresses in (other.addresses, mirror.snapshot().addresses):
        with pytest.raises(WrongChain):
            await RegistryMirror(other.ledger, addresses, store, clock).start()

    assert await store.load() == before
    other.ledger.close()


async def test_other_contracts_are_refused(chain: Chain, mirror: RegistryMirror, store: FailingStore) -> None:
    swapped = dataclasses.replace(
        chain.addresses,
        did_registry=chain.addresses.trust_registry,
        trust_registry=chain.addresses.did_registry,
    )

    with pytest.raises(WrongChain):
        await RegistryMirror(chain.ledger, swapped, store, chain.clock).start()


async def test_addresses_without_our_contracts_are_refused(chain: Chain, stranger: LedgerKey) -> None:
    for addresses in (
        dataclasses.replace(chain.addresses, did_registry=stranger.address),
        dataclasses.replace(chain.addresses, trust_registry=chain.addresses.did_registry),
        dataclasses.replace(chain.addresses, anchors=stranger.address),
    ):
        mirror = RegistryMirror(chain.ledger, addresses, MemoryMirrorStore(), chain.clock)
        with pytest.raises(WrongChain):
            await mirror.advance()
        assert mirror.head is None


async def test_a_chain_behind_what_was_read(
    chain: Chain, mirror: RegistryMirror, ledger: BrokenLedger, store: FailingStore
) -> None:
    before, head = mirror.snapshot(), await chain.ledger.head()
    chain.clock.advance(60)
    ledger.forged_head = await chain.ledger.block(head.number - 1)

    with pytest.raises(LedgerError, match="behind"):
        await mirror.advance()

    assert mirror.snapshot() == before == await store.load()


@pytest.mark.parametrize("blocks_since", [0, 1])
async def test_a_chain_that_lost_the_block_read_last(
    chain: Chain, mirror: RegistryMirror, ledger: BrokenLedger, store: FailingStore, blocks_since: int
) -> None:
    before, read = mirror.snapshot(), await chain.ledger.head()
    chain.clock.advance(60)
    forged = BlockHead(read.number, b"\x66" * 32, read.timestamp)
    for _ in range(blocks_since):
        await chain.writer.publish_name(chain.governor, "later")
    if blocks_since:
        ledger.forged_blocks = {read.number: forged}
    else:
        ledger.forged_head = forged

    with pytest.raises(LedgerError, match="no longer"):
        await mirror.advance()

    assert mirror.snapshot() == before == await store.load()


async def test_logs_that_were_not_asked_for(
    chain: Chain, mirror: RegistryMirror, ledger: BrokenLedger, store: FailingStore
) -> None:
    before = mirror.snapshot()
    await chain.writer.publish_name(chain.governor, "later")
    logs = await chain.ledger.logs([chain.addresses.did_registry], from_block=0, to_block=10**6)

    for forged in (logs, list(reversed(logs)), [logs[-1], logs[-1]]):
        ledger.forged_logs = forged
        with pytest.raises(LedgerError, match="order"):
            await mirror.advance()
    ledger.forged_logs = [dataclasses.replace(logs[-1], data=b"")]
    with pytest.raises(LedgerError, match="types"):
        await mirror.advance()

    assert mirror.snapshot() == before == await store.load()


async def test_a_store_that_fails_leaves_the_state_as_it_is(
    chain: Chain, mirror: RegistryMirror, store: FailingStore
) -> None:
    before = mirror.snapshot()
    await chain.writer.publish_name(chain.governor, "later")
    store.is_away = True

    with pytest.raises(OSError, match="away"):
        await mirror.advance()
    assert (mirror.snapshot(), names(chain, mirror)) == (before, 1)

    store.is_away = False
    await mirror.advance()
    assert names(chain, mirror) == 2


async def test_running_keeps_up_and_outlives_failures(
    chain: Chain,
    mirror: RegistryMirror,
    ledger: BrokenLedger,
    store: FailingStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    last_synced = mirror.synced_at
    chain.clock.advance(60)
    ledger.away = True
    with caplog.at_level(logging.WARNING):
        await mirror.try_to_advance()
    assert (names(chain, mirror), mirror.synced_at) == (1, last_synced)
    assert {record.getMessage() for record in caplog.records} == {"the registry could not be read: ledger_unavailable"}

    caplog.clear()
    ledger.away, store.is_away = False, True
    with caplog.at_level(logging.WARNING):
        await mirror.try_to_advance()
    assert {record.getMessage() for record in caplog.records} == {"the registry could not be read: OSError"}
    assert not [record for record in caplog.records if record.exc_info]

    store.is_away = False
    await chain.writer.publish_name(chain.governor, "later")
    await mirror.try_to_advance()
    assert (names(chain, mirror), mirror.synced_at) == (2, chain.clock())
