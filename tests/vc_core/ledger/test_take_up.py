"""A mirror that is told of the registry by a bundle, beside the chain or without one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.chain import BrokenLedger, Chain
from tests.support.clock import SetClock
from vc_core.errors import LedgerUnavailable, WrongChain
from vc_core.ledger.mirror import MemoryMirrorStore, RegistryMirror
from vc_core.ledger.no_ledger import NoLedger
from vc_core.ledger.protocol import Ledger
from vc_core.ledger.snapshot import RegistrySnapshot
from vc_core.ledger.transactions import LedgerKey


@pytest.fixture
async def chain(tmp_path: Path, clock: SetClock) -> AsyncIterator[Chain]:
    created = await Chain.create(tmp_path / "chain.sqlite", clock)
    yield created
    created.ledger.close()


async def told_by(chain: Chain) -> RegistrySnapshot:
    """The registry as the chain tells it now."""
    mirror = RegistryMirror(chain.ledger, chain.addresses, MemoryMirrorStore(), chain.clock)
    await mirror.advance()
    return mirror.snapshot()


def mirror_on(chain: Chain, ledger: Ledger, store: MemoryMirrorStore | None = None) -> RegistryMirror:
    return RegistryMirror(ledger, chain.addresses, store or MemoryMirrorStore(), chain.clock)


async def write(chain: Chain, name: str = "A") -> None:
    await chain.writer.publish_name(LedgerKey.generate(), name)


async def test_without_a_chain_it_knows_what_it_was_told(chain: Chain) -> None:
    store = MemoryMirrorStore()
    mirror = mirror_on(chain, NoLedger(chain.ledger.chain_id), store)
    first = await told_by(chain)
    await mirror.take_up(first)
    await write(chain)
    second = await told_by(chain)
    await mirror.take_up(second)
    assert mirror.snapshot() == second
    await mirror.take_up(first)
    assert mirror.snapshot() == second
    with pytest.raises(LedgerUnavailable):
        await mirror.advance()
    restarted = mirror_on(chain, NoLedger(chain.ledger.chain_id), store)
    await restarted.start()
    assert restarted.snapshot() == second


async def test_the_chain_goes_on_from_what_was_told(chain: Chain) -> None:
    ledger = BrokenLedger(chain.ledger)
    mirror = mirror_on(chain, ledger)
    await mirror.advance()
    ledger.away = True
    await write(chain)
    await mirror.take_up(await told_by(chain))
    ledger.away = False
    await write(chain, "B")
    await mirror.advance()
    assert mirror.snapshot() == await told_by(chain)


async def test_what_was_told_is_never_younger_than_it_said(chain: Chain, clock: SetClock) -> None:
    mirror = mirror_on(chain, chain.ledger)
    told = await told_by(chain)
    clock.advance(100)
    await mirror.take_up(told)
    assert mirror.synced_at == clock() - 100
    await mirror.advance()
    await mirror.take_up(told)
    assert mirror.synced_at == clock()


async def test_another_registry_or_history_is_not_taken(chain: Chain) -> None:
    mirror = mirror_on(chain, chain.ledger)
    await write(chain)
    await mirror.advance()
    known = mirror.snapshot()
    others: list[dict[str, Any]] = [
        {"chain_id": 1},
        {"addresses": replace(known.addresses, anchors=bytes(20))},
        {"head": replace(known.head, hash=bytes(32))},
        {"events": known.events[:-1]},
        {"events": known.events[1:]},
    ]
    for changed in others:
        with pytest.raises(WrongChain):
            await mirror.take_up(replace(known, **changed))
    assert mirror.snapshot() == known
    with pytest.raises(WrongChain):
        await mirror_on(chain, NoLedger(1)).take_up(known)


async def test_no_ledger_answers_nothing() -> None:
    ledger = NoLedger(7)
    key = LedgerKey.generate()
    for asked in (
        ledger.head(),
        ledger.block(1),
        ledger.logs([], from_block=0, to_block=1),
        ledger.call(bytes(20), b""),
        ledger.nonce(bytes(20)),
        ledger.code(bytes(20)),
        ledger.send(b""),
        ledger.transact(key, bytes(20), b"", gas=1),
    ):
        with pytest.raises(LedgerUnavailable):
            await asked
