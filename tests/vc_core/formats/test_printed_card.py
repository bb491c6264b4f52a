"""Printed cards: what can be printed, the PIN, and where in the procedure it is asked for."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from tests.mutants import world
from tests.mutants.printed_card import POLICY_OF_CARDS
from tests.support.desk_forge import CARD_EXPIRES_AT, PIN, PRINTED_AT, SALT, forge_card
from tests.support.qr_forge import EXPIRES_AT, as_text, forge_bytes, pass_in
from tests.support.verification import HOLDER, NOW, STRANGER, FakeReplays, verify
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.printed_card import (
    PIN_ROUNDS,
    create_printed_card,
    hash_pin,
    latest_expiry,
    parse_printed_card,
    verify_pin,
)
from vc_core.verification import Policy

PASS = pass_in(forge_bytes())


async def refusal(text: str, *, policy: Policy = POLICY_OF_CARDS) -> ReasonCode:
    """Why a text is refused whose PIN nobody has said."""
    with pytest.raises(Rejection) as refused:
        await verify(text, policy=policy, trust=world.trust(), statuses=world.statuses())
    return refused.value.code


async def test_the_pin_is_asked_for_after_both_signatures_and_before_the_coverage() -> None:
    assert await refusal(forge_card()) is ReasonCode.PIN_NEEDED
    assert await refusal(forge_card("signers", "proof", STRANGER)) is ReasonCode.HOLDER_KEY
    assert await refusal(forge_card("credential", 6, "99999")) is ReasonCode.PIN_NEEDED


async def test_a_desk_that_expects_a_nonce_takes_none() -> None:
    assert await refusal(forge_card(), policy=replace(POLICY_OF_CARDS, expected_nonce="bm9uY2U")) is (
        ReasonCode.WRONG_AUDIENCE
    )
    assert await refusal(forge_card(), policy=replace(POLICY_OF_CARDS, printed_cards=False)) is (
        ReasonCode.NOT_A_CREDENTIAL
    )


async def test_what_the_phone_shows_is_not_asked_for_a_pin() -> None:
    replays = FakeReplays()
    text = as_text(forge_bytes())
    await verify(text, policy=POLICY_OF_CARDS, trust=world.trust(), statuses=world.statuses(), replays=replays)
    assert len(replays.seen) == 1


def test_only_the_right_pin_is_right() -> None:
    card = parse_printed_card(forge_card()).printed
    assert card is not None
    assert card.expires_at == CARD_EXPIRES_AT
    verify_pin(card, PIN)
    with pytest.raises(Rejection) as refused:
        verify_pin(card, "140327")
    assert refused.value.code is ReasonCode.WRONG_PIN
    assert hash_pin(PIN, SALT) == hashlib.pbkdf2_hmac("sha256", PIN.encode(), SALT, PIN_ROUNDS)[:16]


@pytest.mark.parametrize(
    "changed",
    [
        {"pin": "14032"},
        {"pin": "14032\u0669"},
        {"salt": bytes(15)},
        {"printed_at": CARD_EXPIRES_AT},
        {"expires_at": CARD_EXPIRES_AT + 1},
        {"printed_at": EXPIRES_AT - 60, "expires_at": EXPIRES_AT + 1},
    ],
    ids=["short", "not ASCII", "salt", "no time", "too long", "longer than its pass"],
)
def test_what_can_not_be_printed(changed: dict[str, Any]) -> None:
    wanted: dict[str, Any] = {"printed_at": PRINTED_AT, "expires_at": CARD_EXPIRES_AT, "pin": PIN, "salt": SALT}
    with pytest.raises(ValueError, match="printed card"):
        create_printed_card(PASS, holder=HOLDER, **(wanted | changed))


def test_a_card_is_good_for_half_a_year_or_as_long_as_its_pass() -> None:
    assert latest_expiry(PASS, printed_at=NOW) == NOW + 180 * 86_400
    assert latest_expiry(PASS, printed_at=EXPIRES_AT - 60) == EXPIRES_AT
