"""Printed cards at the desk: their PIN, how often it may be wrong, and what else kills them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.issuing import DAY
from tests.verifier.checks.test_checks_api import assert_refused, records
from tests.verifier.checks.test_images import encoded, qr_image
from tests.verifier.conftest import Desk, OpenDesk
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.formats import printed_card
from vc_core.formats.printed_card import create_printed_card
from vc_core.formats.status_list import Status
from verifier.checks.pins import MAX_WRONG_PINS

PIN, WRONG = "140326", "140327"


@pytest.fixture(autouse=True)
def quick_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a PIN costs is not what these tests are about."""
    monkeypatch.setattr(printed_card, "PIN_ROUNDS", 10)


@pytest.fixture
async def card_desk(open_desk: OpenDesk, database_url: str) -> AsyncIterator[Desk]:
    """A desk that takes printed cards, once on each database."""
    async with open_desk(database_url, printed_cards=True) as opened:
        yield opened


@pytest.fixture
async def sqlite_card_desk(open_desk: OpenDesk, tmp_path: Path) -> AsyncIterator[Desk]:
    """As `card_desk`, where the database makes no difference."""
    async with open_desk(f"sqlite+aiosqlite:///{tmp_path / 'cards.sqlite'}", printed_cards=True) as opened:
        yield opened


def printed(desk: Desk, qr_pass: bytes | None = None, *, days: int = 90, pin: str = PIN) -> str:
    """The code of a card printed now."""
    return create_printed_card(
        qr_pass or desk.issuer.create_pass(desk.holder),
        holder=desk.holder,
        printed_at=desk.clock(),
        expires_at=desk.clock() + days * DAY,
        pin=pin,
        salt=bytes(16),
    )


async def check(desk: Desk, card: str, pin: str | None = None) -> dict[str, Any]:
    """The verdict."""
    response = await desk.client.post("/checks", json={"qr": card} | ({} if pin is None else {"pin": pin}))
    assert response.status_code == 200, response.text
    return dict(response.json())


async def test_a_card_is_taken_with_its_pin_as_often_as_it_is_shown(card_desk: Desk, database_url: str) -> None:
    card = printed(card_desk)
    assert_refused(await check(card_desk, card), "PIN_NEEDED")
    for _ in range(2):
        card_desk.clock.advance(3600)
        verdict = await check(card_desk, card, PIN)
        assert (verdict["code"], verdict["assurance"]) == ("OK", "printed_card")
        assert verdict["person"]["name_latin"] == "Sandar Hlaing"
    phone = await card_desk.check(card_desk.show())
    assert phone["assurance"] == "holder_present"
    assert [(each.code, each.assurance) for each in await records(database_url)] == [
        ("PIN_NEEDED", None),
        ("OK", "printed_card"),
        ("OK", "printed_card"),
        ("OK", "holder_present"),
    ]


async def test_the_sentence_says_that_it_is_printed(sqlite_card_desk: Desk) -> None:
    card = printed(
        sqlite_card_desk, sqlite_card_desk.issuer.create_pass(sqlite_card_desk.holder, credential_type=HEALTH_ID)
    )
    assert (await check(sqlite_card_desk, card, PIN))["sentence"] == "Health ID: valid, and on a printed card."


async def test_wrong_pins_are_counted_by_card_and_day(card_desk: Desk) -> None:
    card, other = printed(card_desk), printed(card_desk, days=30)
    for _ in range(MAX_WRONG_PINS - 1):
        assert_refused(await check(card_desk, card, WRONG), "WRONG_PIN")
    assert (await check(card_desk, card, PIN))["code"] == "OK"
    assert_refused(await check(card_desk, card, WRONG), "WRONG_PIN")
    assert_refused(await check(card_desk, card, PIN), "PIN_LOCKED")
    assert (await check(card_desk, other, PIN))["code"] == "OK"
    card_desk.clock.advance(DAY)
    assert (await check(card_desk, card, PIN))["code"] == "OK"


async def test_however_many_try_at_once_five_are_tried(open_desk: OpenDesk, database_url: str) -> None:
    async with (
        open_desk(database_url, printed_cards=True) as one,
        open_desk(database_url, printed_cards=True) as other,
    ):
        card = printed(one)
        verdicts = await asyncio.gather(*(check(desk, card, WRONG) for desk in (one, other) * 10))
    assert Counter(each["code"] for each in verdicts) == {"WRONG_PIN": 5, "PIN_LOCKED": 15}


async def test_a_desk_takes_none_unless_its_hospital_says_so(sqlite_desk: Desk) -> None:
    assert_refused(await check(sqlite_desk, printed(sqlite_desk), PIN), "NOT_A_CREDENTIAL")


async def test_a_lost_card_is_dead_once_its_credential_is_revoked(sqlite_card_desk: Desk) -> None:
    card = printed(sqlite_card_desk)
    assert (await check(sqlite_card_desk, card, PIN))["code"] == "OK"
    sqlite_card_desk.issuer.set_status(Status.INVALID)
    sqlite_card_desk.statuses.issued_at = sqlite_card_desk.clock() + 61
    sqlite_card_desk.clock.advance(61)
    assert_refused(await check(sqlite_card_desk, card, PIN), "REVOKED")


async def test_a_card_ends(sqlite_card_desk: Desk) -> None:
    card = printed(sqlite_card_desk, days=1)
    sqlite_card_desk.clock.advance(DAY)
    sqlite_card_desk.statuses.issued_at = sqlite_card_desk.clock()
    assert_refused(await check(sqlite_card_desk, card, PIN), "EXPIRED_PRESENTATION")


@pytest.mark.parametrize("pin", ["", "14032", "1403260", "14032६", "abcdef", 140326, ["140326"], "140326\n"])
async def test_pins_of_another_form(sqlite_desk: Desk, pin: Any) -> None:
    response = await sqlite_desk.client.post("/checks", json={"qr": "x", "pin": pin})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert "body.pin" in response.json()["detail"]


async def test_a_picture_of_a_card_is_taken_with_its_pin(sqlite_card_desk: Desk) -> None:
    picture = encoded(qr_image(printed(sqlite_card_desk)))
    assert_refused(await sqlite_card_desk.check_image(picture), "PIN_NEEDED")
    assert_refused(await sqlite_card_desk.check_image(picture, pin=WRONG), "WRONG_PIN")
    verdict = await sqlite_card_desk.check_image(picture, pin=PIN)
    assert (verdict["code"], verdict["assurance"]) == ("OK", "printed_card")
    response = await sqlite_card_desk.client.post("/checks/image", files={"image": picture}, data={"pin": "12345x"})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert "body.pin" in response.json()["detail"]


async def test_the_plain_page_asks_for_the_pin(sqlite_card_desk: Desk) -> None:
    card, client = printed(sqlite_card_desk), sqlite_card_desk.client
    client.cookies.set("language", "en")
    asked = await client.post("/plain", files={"qr": (None, card)})
    assert "PIN needed" in asked.text
    assert f'name="qr" value="{card}"' in asked.text
    photographed = await client.post("/plain", files={"image": encoded(qr_image(card))})
    assert f'name="qr" value="{card}"' in photographed.text
    for said in (WRONG, "12", ""):
        again = await client.post("/plain", files={"qr": (None, card), "pin": (None, said)})
        assert 'name="pin"' in again.text
        assert "Sandar Hlaing" not in again.text
    taken = await client.post("/plain", files={"qr": (None, card), "pin": (None, PIN)})
    assert "Printed card: it can be copied" in taken.text
    assert "Sandar Hlaing" in taken.text
    assert 'name="pin"' not in taken.text
