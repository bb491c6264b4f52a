"""A fresh chain with both registries, for every test that asks for one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.chain import Chain
from tests.support.clock import SetClock
from tests.vc_core.ledger.council import ADDRESSES, DEPLOYER
from vc_core.ledger.registry import deploy_registries
from vc_core.ledger.transactions import LedgerKey


@pytest.fixture
async def chain(tmp_path: Path, clock: SetClock) -> AsyncIterator[Chain]:
    """An embedded chain in a temporary folder, its clock standing still."""
    created = await Chain.create(tmp_path / "chain.sqlite", clock)
    yield created
    created.ledger.close()


@pytest.fixture
def owner() -> LedgerKey:
    """An organisation's ledger key."""
    return LedgerKey.generate()


@pytest.fixture
def stranger() -> LedgerKey:
    """A key that owns nothing but itself."""
    return LedgerKey.generate()


@pytest.fixture
async def council(chain: Chain) -> Chain:
    """The chain with another set of registries: two of three members decide."""
    chain.addresses = await deploy_registries(chain.ledger, DEPLOYER, members=ADDRESSES, threshold=2)
    chain.deployed = (await chain.ledger.head()).number
    return chain
