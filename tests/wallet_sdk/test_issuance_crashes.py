"""A wallet that is killed at every step of an issuance, opened again, and resumed: all that was offered, once."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.support.clock import SetClock
from tests.wallet_sdk.fakes import PASSPHRASE, TX_CODE, FakeWorld
from tests.wallet_sdk.mortal import Killed, Steps, mortal_http, open_mortal
from vc_core.errors import ServiceRefused
from wallet_sdk.issuance import accept_offer, describe_offer, pending_issuances, resume_issuance
from wallet_sdk.wallet import Wallet

OFFERED = ("HealthId_dc+sd-jwt", "HealthId_qr_pass")


async def _accept(world: FakeWorld, folder: Path, steps: Steps) -> None:
    http = mortal_http(world, steps)
    described = await describe_offer(world.http, world.offer())
    with open_mortal(folder, steps) as wallet:
        await accept_offer(wallet, http, described, tx_code=TX_CODE, trust=world.trust(), clock=world.clock)


def _knows_a_token(folder: Path) -> bool:
    with Wallet.open(folder / "wallet", PASSPHRASE, read_only=True) as saved:
        return all(each.access is not None for each in pending_issuances(saved))


async def _resume_all(world: FakeWorld, folder: Path) -> Wallet:
    wallet = Wallet.open(folder / "wallet", PASSPHRASE)
    for each in pending_issuances(wallet):
        await resume_issuance(wallet, world.http, each.id, trust=world.trust(), clock=world.clock)
    return wallet


async def test_killed_at_every_step(clock: SetClock, tmp_path: Path) -> None:
    at, points = 1, []
    while True:
        folder = tmp_path / str(at)
        world = FakeWorld(clock)
        world.offered = OFFERED
        world.new_wallet(folder).close()
        steps = Steps(at)
        try:
            await _accept(world, folder, steps)
            break
        except Killed as death:
            points.append(str(death))
        await _check_resumed(world, folder, points)
        at += 1
    assert len(points) > 20


async def _check_resumed(world: FakeWorld, folder: Path, points: list[str]) -> None:
    """All that was offered is in the wallet once, or nothing was issued at all."""
    died = f"{len(points)}: {points[-1]}"
    if not world.unspent_codes and not _knows_a_token(folder):
        # The code is spent and the token was lost before it was saved: nothing was issued, and nothing will be.
        with pytest.raises(ServiceRefused, match="was used"):
            await _resume_all(world, folder)
        assert world.holder_keys == []
        return
    with await _resume_all(world, folder) as wallet:
        assert pending_issuances(wallet) == ()
        held = [f"{each.vct.split(':')[3]}_{each.format}" for each in wallet.credentials]
        # Before the first write, the holder's yes was not yet on the disk.
        assert sorted(held) == ([] if len(points) == 1 else sorted(OFFERED)), died
        # Whatever was issued twice on the way was issued to the same key.
        assert {each.signer().public_key for each in wallet.credentials} == set(world.holder_keys), died


@pytest.mark.parametrize("status", [500, 503])
async def test_an_issuer_that_is_down_is_asked_again_later(world: FakeWorld, wallet: Wallet, status: int) -> None:
    world.offered = OFFERED
    world.answers["POST issuer.test/credential"] = lambda request: httpx.Response(status, text="<html>")
    described = await describe_offer(world.http, world.offer())
    issuance = await accept_offer(
        wallet, world.http, described, tx_code=TX_CODE, trust=world.trust(), clock=world.clock
    )
    assert (issuance.stored, issuance.refused, len(issuance.waiting)) == ((), (), 2)
    world.answers.clear()
    [pending] = pending_issuances(wallet)
    resumed = await resume_issuance(wallet, world.http, pending.id, trust=world.trust(), clock=world.clock)
    assert len(resumed.stored) == 2


async def test_a_refusal_for_good_is_not_asked_again(world: FakeWorld, wallet: Wallet) -> None:
    world.offered = OFFERED
    world.answers["POST issuer.test/credential"] = lambda request: httpx.Response(
        400, json={"error": "credential_request_denied"}
    )
    described = await describe_offer(world.http, world.offer())
    issuance = await accept_offer(
        wallet, world.http, described, tx_code=TX_CODE, trust=world.trust(), clock=world.clock
    )
    for each in issuance.refused:
        assert isinstance(each.error, ServiceRefused)
        assert each.error.refusal == "credential_request_denied"
    assert pending_issuances(wallet) == ()
