"""What the wallet believes of the registry, and what it doesn't let its provider take back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.wallet_sdk.fakes import OFFICE, OFFICE_NAME, PASSPHRASE, FakeWorld
from vc_core.errors import FetchFailed, LedgerUnavailable, WrongChain
from vc_core.ledger.protocol import BlockHead
from vc_core.ledger.snapshot import RegistryAddresses, RegistrySnapshot
from wallet_sdk.registry import load_trust, refresh_registry
from wallet_sdk.wallet import Wallet

ROUTE = "GET provider.test/registry"


def _tell(world: FakeWorld, snapshot: RegistrySnapshot) -> None:
    world.answers[ROUTE] = lambda request: httpx.Response(200, json=snapshot.to_json())


async def test_is_kept_in_the_wallet_with_its_age(world: FakeWorld, wallet: Wallet, tmp_path: Path) -> None:
    trust = await refresh_registry(wallet, world.http, now=world.clock())
    assert trust.synced_at == world.clock()
    assert trust.name(OFFICE) == OFFICE_NAME
    with Wallet.open(tmp_path / "wallet", PASSPHRASE, read_only=True) as saved:
        assert saved.registry == world.snapshot()


async def test_without_a_network_the_kept_one_serves(world: FakeWorld, wallet: Wallet) -> None:
    fetched_at = world.clock()
    await refresh_registry(wallet, world.http, now=fetched_at)
    world.answers[ROUTE] = lambda request: httpx.Response(503)
    world.clock.advance(1000)
    trust = await load_trust(wallet, world.http, now=world.clock())
    assert trust.synced_at == fetched_at


async def test_with_nothing_kept_there_is_nothing_to_trust(world: FakeWorld, wallet: Wallet) -> None:
    world.answers[ROUTE] = lambda request: httpx.Response(503)
    with pytest.raises(FetchFailed):
        await load_trust(wallet, world.http, now=world.clock())


@pytest.mark.parametrize(
    "change",
    [
        {"chain_id": 1},
        {"addresses": RegistryAddresses(b"\xaa" * 20, b"\xee" * 20, b"\xcc" * 20)},
        {"addresses": RegistryAddresses(b"\xee" * 20, b"\xbb" * 20, b"\xcc" * 20)},
        {"addresses": RegistryAddresses(b"\xaa" * 20, b"\xbb" * 20, b"\xee" * 20)},
        {"head": BlockHead(100, b"\xee" * 32, 0)},
    ],
)
async def test_another_registry_is_refused(world: FakeWorld, wallet: Wallet, change: dict[str, Any]) -> None:
    await refresh_registry(wallet, world.http, now=world.clock())
    known = wallet.registry
    _tell(world, replace(world.snapshot(), **change))
    for ask in (refresh_registry, load_trust):
        with pytest.raises(WrongChain):
            await ask(wallet, world.http, now=world.clock())
    assert wallet.registry == known


async def test_an_event_once_told_cannot_be_taken_back(world: FakeWorld, wallet: Wallet) -> None:
    await refresh_registry(wallet, world.http, now=world.clock())
    world.block += 1
    told = world.snapshot()
    _tell(world, replace(told, events=told.events[:-1]))
    with pytest.raises(WrongChain):
        await refresh_registry(wallet, world.http, now=world.clock())


async def test_an_older_head_is_not_taken(world: FakeWorld, wallet: Wallet) -> None:
    await refresh_registry(wallet, world.http, now=world.clock())
    known = wallet.registry
    world.block -= 1
    with pytest.raises(LedgerUnavailable):
        await refresh_registry(wallet, world.http, now=world.clock())
    await load_trust(wallet, world.http, now=world.clock())
    assert wallet.registry == known


async def test_a_newer_one_is_taken(world: FakeWorld, wallet: Wallet) -> None:
    world.accredited = False
    await refresh_registry(wallet, world.http, now=world.clock())
    world.block += 5
    world.accredited = True
    world.clock.advance(60)
    trust = await refresh_registry(wallet, world.http, now=world.clock())
    assert wallet.registry is not None
    assert (wallet.registry.head.number, trust.synced_at) == (105, world.clock())


async def test_a_time_to_come_does_not_keep_it_young(world: FakeWorld, wallet: Wallet) -> None:
    _tell(world, replace(world.snapshot(), synced_at=world.clock() + 10**9))
    trust = await refresh_registry(wallet, world.http, now=world.clock())
    assert trust.synced_at == world.clock()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"chain_id":1,"chain_id":2}'])
async def test_what_is_no_registry_is_refused(world: FakeWorld, wallet: Wallet, body: bytes) -> None:
    world.answers[ROUTE] = lambda request: httpx.Response(200, content=body)
    with pytest.raises(FetchFailed):
        await refresh_registry(wallet, world.http, now=world.clock())
    assert wallet.registry is None


async def test_events_out_of_order_are_refused(world: FakeWorld, wallet: Wallet) -> None:
    told = world.snapshot()
    _tell(world, replace(told, events=tuple(reversed(told.events))))
    with pytest.raises(FetchFailed):
        await refresh_registry(wallet, world.http, now=world.clock())
