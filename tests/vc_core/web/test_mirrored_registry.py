"""The mirror inside a service: when it is ready, and that a ledger that lies keeps no desk from opening."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData

from tests.support.chain import BrokenLedger, Chain
from tests.support.clock import SetClock
from vc_core.errors import LedgerError, LedgerUnavailable, WrongChain
from vc_core.ledger.protocol import BlockHead
from vc_core.web.database import Database
from vc_core.web.registry import MirroredRegistry, RegistrySettings, registry_tables


@pytest.fixture
async def chain(tmp_path: Path, clock: SetClock) -> AsyncIterator[Chain]:
    created = await Chain.create(tmp_path / "chain.sqlite", clock)
    yield created
    created.ledger.close()


@pytest.fixture
def ledger(chain: Chain) -> BrokenLedger:
    return BrokenLedger(chain.ledger)


@pytest.fixture
async def restart(
    chain: Chain, ledger: BrokenLedger, database_url: str
) -> AsyncIterator[Callable[[], MirroredRegistry]]:
    """Makes the registry as a service's next start would, on the same database."""
    metadata = MetaData()
    tables = registry_tables(metadata)
    database = Database(database_url)
    async with database.transaction() as session:
        await (await session.connection()).run_sync(metadata.create_all)
    values: dict[str, Any] = {"public_url": "http://service.test", "database_url": database_url, "chain_id": 1337}
    addresses = {
        name: "0x" + getattr(chain.addresses, name).hex() for name in ("did_registry", "trust_registry", "anchors")
    }
    settings = RegistrySettings(**values, **addresses)
    yield lambda: MirroredRegistry(ledger, settings, database, tables, chain.clock)
    await database.close()


@pytest.fixture
def registry(restart: Callable[[], MirroredRegistry]) -> MirroredRegistry:
    return restart()


def forget_last_block(ledger: BrokenLedger, head: BlockHead) -> None:
    ledger.forged_head = BlockHead(head.number, b"\x66" * 32, head.timestamp)


async def test_it_is_not_ready_before_it_was_read(registry: MirroredRegistry, ledger: BrokenLedger) -> None:
    ledger.away = True
    await registry.start()
    with pytest.raises(LedgerUnavailable):
        await registry.ready()

    ledger.away = False
    await registry.advance()
    await registry.ready()
    await registry.stop()


async def test_a_ledger_that_is_away_leaves_it_ready(registry: MirroredRegistry, ledger: BrokenLedger) -> None:
    await registry.advance()
    ledger.away = True

    with pytest.raises(LedgerUnavailable):
        await registry.advance()

    await registry.ready()


async def test_a_ledger_that_lost_what_was_read_does_not(
    registry: MirroredRegistry, restart: Callable[[], MirroredRegistry], ledger: BrokenLedger, chain: Chain
) -> None:
    await registry.advance()
    synced_at = registry.trust.synced_at
    chain.clock.advance(60)
    forget_last_block(ledger, await chain.ledger.head())

    registry = restart()
    await registry.start()  # it opens, not ready, its age growing
    with pytest.raises(LedgerError, match="no longer"):
        await registry.ready()
    assert registry.trust.synced_at == synced_at
    ledger.away = True
    with pytest.raises(LedgerUnavailable):
        await registry.advance()
    with pytest.raises(LedgerError, match="no longer"):  # that it is away now takes nothing back
        await registry.ready()

    ledger.away, ledger.forged_head = False, None
    await registry.advance()
    await registry.ready()
    await registry.stop()


async def test_another_chain_is_a_reason_not_to_start(registry: MirroredRegistry, ledger: BrokenLedger) -> None:
    ledger.forged_code = b"something else"

    with pytest.raises(WrongChain):
        await registry.start()
