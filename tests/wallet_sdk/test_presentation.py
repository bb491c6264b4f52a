"""What the wallet shows, checked by the verification procedure itself."""

from __future__ import annotations

import pytest

from tests.wallet_sdk.fakes import PROVIDER, AlwaysValid, FakeWorld
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.errors import InvalidRequest, NoSuchCredential, ReasonCode, Rejection
from vc_core.verification import Policy, VerifiedPresentation, verify_presentation
from wallet_sdk.presentation import REDRAW_SECONDS, create_health_id_presentation, create_qr
from wallet_sdk.wallet import Wallet

DESK = "did:ethr:0x1ca3:0x" + "33" * 20
BASE45 = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


async def _verify(world: FakeWorld, text: str, *, nonce: str | None = None) -> VerifiedPresentation:
    return await verify_presentation(
        text,
        policy=Policy(
            frozenset({HEALTH_ID.vct, INSURANCE_COVERAGE.vct}),
            frozenset({DESK, PROVIDER}),
            expected_nonce=nonce,
            hospital_code="11230",
        ),
        trust=world.trust(),
        statuses=AlwaysValid(),
        replays=AlwaysValid(),
        now=world.clock(),
    )


async def test_a_desk_accepts_the_qr_code_until_it_expires(world: FakeWorld, full_wallet: Wallet) -> None:
    code = create_qr(full_wallet, INSURANCE_COVERAGE, now=world.clock())
    assert set(code.text) <= BASE45
    assert len(code.text) <= 650
    verified = await _verify(world, code.text)
    assert verified.credential.claims["scheme"] == "8401"
    assert code.expires_at - world.clock() > REDRAW_SECONDS
    world.clock.now = code.expires_at - 1
    await _verify(world, code.text)
    world.clock.now = code.expires_at
    with pytest.raises(Rejection) as caught:
        await _verify(world, code.text)
    assert caught.value.code is ReasonCode.EXPIRED_PRESENTATION


async def test_audience_and_nonce(world: FakeWorld, full_wallet: Wallet) -> None:
    code = create_qr(full_wallet, INSURANCE_COVERAGE, now=world.clock(), audience=DESK, nonce="bjE")
    await _verify(world, code.text, nonce="bjE")
    for audience, nonce in ((DESK, "bjI"), ("did:web:elsewhere", "bjE")):
        other = create_qr(full_wallet, INSURANCE_COVERAGE, now=world.clock(), audience=audience, nonce=nonce)
        with pytest.raises(Rejection) as caught:
            await _verify(world, other.text, nonce="bjE")
        assert caught.value.code is ReasonCode.WRONG_AUDIENCE


@pytest.mark.parametrize("nonce", ["", "n", "n 1", "bj/+", "bjE=", "A" * 2000])
async def test_a_challenge_that_is_none(world: FakeWorld, full_wallet: Wallet, nonce: str) -> None:
    with pytest.raises(InvalidRequest, match="challenge"):
        create_qr(full_wallet, INSURANCE_COVERAGE, now=world.clock(), nonce=nonce)


async def test_each_qr_code_is_another(world: FakeWorld, full_wallet: Wallet) -> None:
    first = create_qr(full_wallet, INSURANCE_COVERAGE, now=world.clock())
    second = create_qr(full_wallet, INSURANCE_COVERAGE, now=world.clock() + 30)
    assert first.text != second.text


async def test_the_provider_learns_the_health_number_only(world: FakeWorld, full_wallet: Wallet) -> None:
    text = create_health_id_presentation(full_wallet, now=world.clock(), audience=PROVIDER, nonce="n")
    verified = await _verify(world, text, nonce="n")
    assert dict(verified.credential.claims) == {"health_id": "SB4G7K2M9QXT"}


def test_an_empty_wallet_has_nothing_to_show(world: FakeWorld, wallet: Wallet) -> None:
    with pytest.raises(NoSuchCredential):
        create_qr(wallet, INSURANCE_COVERAGE, now=world.clock())
    with pytest.raises(NoSuchCredential):
        create_health_id_presentation(wallet, now=world.clock(), audience=PROVIDER, nonce="n")
