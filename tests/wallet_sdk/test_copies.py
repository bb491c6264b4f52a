"""Copies of a credential: taken together, topped up, and deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.wallet_sdk.fakes import CLAIMS, OFFICE, FakeWorld
from tests.wallet_sdk.issuance_steps import TWO, accept, resume
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.errors import NoSuchCredential, ServiceRefused
from vc_core.formats.credential import CredentialFormat
from wallet_sdk.issuance import (
    delete_credential,
    pending_issuances,
    top_up,
)
from wallet_sdk.renewal import top_up_all
from wallet_sdk.wallet import Wallet


@pytest.fixture
def world(world: FakeWorld) -> FakeWorld:
    """The issuer offers one type in two formats."""
    world.offered = TWO
    return world


# Copies.


async def test_copies_each_with_a_key_of_its_own(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.batch_size = 20
    stored = (await accept(world, wallet)).stored
    assert [len(each.copies) for each in stored] == [5, 5]
    keys = [copy.signer().public_key for each in stored for copy in each.copies]
    assert len(set(keys)) == 10
    assert keys == world.holder_keys


async def test_fewer_copies_than_asked_for_are_kept(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.batch_size = 5
    whole = world.credential

    def give_two(request: httpx.Request) -> httpx.Response:
        answer = whole(request).json()
        return httpx.Response(200, json={**answer, "credentials": answer["credentials"][3:]})

    world.answers["POST issuer.test/credential"] = give_two
    stored = (await accept(world, wallet)).stored
    assert [len(each.copies) for each in stored] == [2, 2]
    for each in stored:
        assert {copy.signer().public_key for copy in each.copies} <= set(world.holder_keys)


@pytest.mark.parametrize("fault", ["doubled", "other claims"])
async def test_w8_one_bad_copy_spoils_all(world: FakeWorld, wallet: Wallet, fault: str) -> None:
    world.settings.batch_size = 3
    world.offered = TWO[:1]
    made: list[str] = []

    def spoil(configuration_id: str, holder_key: Any, issued: str) -> str:
        made.append(issued)
        if len(made) < 3:
            return issued
        claims = {**CLAIMS[HEALTH_ID.vct], "name": "Someone Else"}
        return made[0] if fault == "doubled" else world.issue_one(configuration_id, holder_key, claims=claims)

    world.bend = spoil
    issuance = await accept(world, wallet)
    assert issuance.stored == ()
    assert [each.error.code for each in issuance.refused] == ["HOLDER_KEY" if fault == "doubled" else "MALFORMED"]


async def test_copies_are_topped_up_by_the_refresh_token(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.batch_size, world.settings.refresh, world.settings.dpop = 3, True, True
    first, second = (await accept(world, wallet)).stored
    for _ in range(2):
        wallet.use_copy(first.id, now=world.clock())
    assert wallet.credential(first.id).runs_low(now=world.clock())
    done = await top_up(wallet, world.http, wallet.credential(first.id), trust=world.trust(), clock=world.clock)
    assert [each.id for each in done.stored] == [first.id]
    assert wallet.credential(first.id).unused_copies(now=world.clock()) == 4
    assert len(wallet.credentials) == 2
    assert pending_issuances(wallet) == ()
    # The refresh token was replaced, and serves the other credential of the same grant.
    await top_up(wallet, world.http, wallet.credential(second.id), trust=world.trust(), clock=world.clock)
    assert len(set(world.tokens.values())) == 1


_SAME = {"issuer": OFFICE, "vct": HEALTH_ID.vct, "format": CredentialFormat.SD_JWT}


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"issuer": OFFICE[:-2] + "22"}, "UNTRUSTED_ISSUER"),
        ({"vct": INSURANCE_COVERAGE.vct}, "NOT_A_CREDENTIAL"),
        ({"format": CredentialFormat.QR_PASS}, "NOT_A_CREDENTIAL"),
    ],
)
async def test_w8_only_the_same_is_topped_up(
    world: FakeWorld, wallet: Wallet, other: dict[str, Any], code: str
) -> None:
    world.settings.batch_size, world.settings.refresh = 3, True
    world.offered = TWO[:1]
    (held,) = (await accept(world, wallet)).stored
    assert {name: getattr(held, name) for name in _SAME} == _SAME
    held = wallet.add_credential(replace(held, **other))
    done = await top_up(wallet, world.http, held, trust=world.trust(), clock=world.clock)
    assert done.stored == ()
    assert [each.error.code for each in done.refused] == [code]
    assert wallet.credentials == (held,)


async def test_an_issuer_that_lets_nobody_come_back(world: FakeWorld, wallet: Wallet) -> None:
    held = (await accept(world, wallet)).stored[0]
    with pytest.raises(NoSuchCredential):
        await top_up(wallet, world.http, held, trust=world.trust(), clock=world.clock)


async def test_renewing_tops_up_what_runs_low_or_ends_soon(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.batch_size, world.settings.refresh = 3, True
    first, second = (await accept(world, wallet)).stored
    trust = world.trust()
    assert (await top_up_all(wallet, world.http, trust=trust, clock=world.clock)).stored == ()
    for _ in range(2):
        wallet.use_copy(second.id, now=world.clock())
    done = await top_up_all(wallet, world.http, trust=trust, clock=world.clock)
    assert [each.id for each in done.stored] == [second.id]
    world.clock.advance(340 * 86_400)
    done = await top_up_all(wallet, world.http, trust=world.trust(), clock=world.clock)
    assert [each.id for each in done.stored] == [first.id, second.id]
    world.refresh_tokens.clear()
    while not wallet.credential(second.id).runs_low(now=world.clock()):
        wallet.use_copy(second.id, now=world.clock())
    refused = (await top_up_all(wallet, world.http, trust=world.trust(), clock=world.clock)).refused
    assert [each.error.refusal for each in refused if isinstance(each.error, ServiceRefused)] == ["invalid_grant"]


async def test_deleting_tells_an_issuer_that_asked_to_be_told(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.notifies, world.settings.refresh, world.settings.dpop = True, True, True
    first, second = (await accept(world, wallet)).stored
    world.notifications.clear()
    await delete_credential(wallet, world.http, first.id, clock=world.clock)
    assert first.source is not None
    assert world.notifications == [(first.source.notification_id, "credential_deleted")]
    # Without a network, the credential is gone all the same, and the issuer hears of it later.
    world.answers["POST issuer.test/notification"] = lambda request: httpx.Response(503)
    await delete_credential(wallet, world.http, second.id, clock=world.clock)
    assert (wallet.credentials, wallet._content.grants) == ((), ())
    world.answers.clear()
    await resume(world, wallet)
    assert [event for _, event in world.notifications] == ["credential_deleted"] * 2
    assert pending_issuances(wallet) == ()


async def test_deleting_asks_nobody_without_need(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.notifies = True
    held = (await accept(world, wallet)).stored[0]
    asked = len(world.requests)
    await delete_credential(wallet, world.http, held.id, clock=world.clock)
    assert len(world.requests) == asked
