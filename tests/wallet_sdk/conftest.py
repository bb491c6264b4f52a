"""Fixtures of the wallet's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clock import SetClock
from tests.wallet_sdk.fakes import TX_CODE, FakeWorld
from wallet_sdk.issuance import accept_offer, describe_offer
from wallet_sdk.registry import load_trust
from wallet_sdk.wallet import Wallet


@pytest.fixture
def world(clock: SetClock) -> FakeWorld:
    """An issuer, a provider and a registry, all in memory."""
    return FakeWorld(clock)


@pytest.fixture
def wallet(world: FakeWorld, tmp_path: Path) -> Iterator[Wallet]:
    """An empty wallet."""
    with world.new_wallet(tmp_path) as opened:
        yield opened


@pytest.fixture
async def full_wallet(world: FakeWorld, wallet: Wallet) -> Wallet:
    """A wallet that took both types in both formats."""
    described = await describe_offer(world.http, world.offer())
    trust = await load_trust(wallet, world.http, now=world.clock())
    issuance = await accept_offer(wallet, world.http, described, tx_code=TX_CODE, trust=trust, clock=world.clock)
    assert issuance.refused == ()
    return wallet
