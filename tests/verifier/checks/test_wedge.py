"""Codes that the computer's keyboard layout garbled: which ones survive what."""

from __future__ import annotations

import unicodedata
from itertools import islice

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.support.issuing import ELSEWHERE
from tests.support.keyboard import typed
from tests.verifier.conftest import Desk
from vc_core.formats.base45 import base45_encode
from vc_core.formats.desk_challenge import ANSWER_PREFIX
from vc_core.formats.printed_card import CARD_PREFIX
from vc_core.formats.qr_pass import PREFIX
from vc_core.formats.status_list import Status
from verifier.checks.wedge import MAX_ORDERS, recover_typed

GARBLINGS = {
    "thai": {"thai": True},
    "caps lock": {"caps_lock": True},
    "thai with caps lock": {"thai": True, "caps_lock": True},
    "thai with shift lock": {"thai": True, "shift_lock": True},
}
PREFIXES = (PREFIX, CARD_PREFIX, ANSWER_PREFIX)
codes = st.builds(
    lambda prefix, content: prefix + base45_encode(content), st.sampled_from(PREFIXES), st.binary(max_size=300)
)
"""Every code, as far as base45 goes."""
texts = st.text([chr(number) for number in range(0x20, 0x7F)], max_size=300).map(str.strip)


@pytest.mark.parametrize("garbling", GARBLINGS.values(), ids=GARBLINGS)
@given(text=codes)
def test_every_code_survives_every_layout(garbling: dict[str, bool], text: str) -> None:
    assert next(recover_typed(typed(text, **garbling), PREFIXES)) == text


@pytest.mark.parametrize("garbling", GARBLINGS.values(), ids=GARBLINGS)
@given(text=texts)
def test_so_does_every_other_text_of_ascii(garbling: dict[str, bool], text: str) -> None:
    """Not only base45: presentations in other alphabets are typed as well."""
    whole = PREFIX + text
    assert next(recover_typed(typed(whole, **garbling) + "\r\n", PREFIXES)) == whole


@pytest.mark.parametrize("garbling", [{"thai": True}, {"thai": True, "caps_lock": True}], ids=["thai", "caps lock"])
@given(text=codes)
@example(text=PREFIX + "J6 6J B6 BU BJ6 JUB6")
def test_normalised_on_the_way_it_is_among_the_candidates(garbling: dict[str, bool], text: str) -> None:
    given_text = unicodedata.normalize("NFC", typed(text, **garbling))
    candidates = list(recover_typed(given_text, PREFIXES))
    assert len(candidates) <= MAX_ORDERS
    assume(len(candidates) < MAX_ORDERS)
    assert text in candidates
    assert len(set(candidates)) == len(candidates)


@pytest.mark.parametrize(
    ("text", "count"), [("J6 " * 300, MAX_ORDERS), ("J6B" * 300, 1), ("J" * 9000, 0)], ids=["pairs", "one run", "long"]
)
def test_what_there_are_too_many_orders_of_is_bounded(text: str, count: int) -> None:
    normalised = unicodedata.normalize("NFC", typed(PREFIX + text, thai=True))
    assert len(list(recover_typed(normalised, PREFIXES))) == count


@given(text=st.text(max_size=60))
def test_candidates_begin_as_codes_do(text: str) -> None:
    assert all(each.startswith(PREFIXES) for each in islice(recover_typed(text, PREFIXES), 5))


@pytest.mark.parametrize("garbling", GARBLINGS.values(), ids=GARBLINGS)
async def test_the_desk_accepts_what_was_garbled_and_only_once(sqlite_desk: Desk, garbling: dict[str, bool]) -> None:
    code = sqlite_desk.show()
    garbled = typed(code, **garbling)
    assert garbled != code
    assert (await sqlite_desk.check(garbled))["code"] == "OK"
    assert (await sqlite_desk.check(code))["code"] == "REPLAYED"
    assert (await sqlite_desk.check(garbled))["code"] == "REPLAYED"


async def test_the_signature_finds_the_order_that_normalising_lost(sqlite_desk: Desk) -> None:
    """Codes are made until one has marks that changed places, not too many."""
    while True:
        garbled = typed(sqlite_desk.show(sqlite_desk.issuer.create_pass(sqlite_desk.holder)), thai=True)
        normalised = unicodedata.normalize("NFC", garbled)
        if normalised != garbled and len(list(recover_typed(normalised, PREFIXES))) < 1000:
            break
    verdict = await sqlite_desk.check(normalised)
    assert (verdict["code"], verdict["person"]["name_latin"]) == ("OK", "Sandar Hlaing")


async def test_a_garbled_code_is_refused_for_its_own_reason(sqlite_desk: Desk) -> None:
    elsewhere = sqlite_desk.issuer.create_pass(sqlite_desk.holder, regular_hospital=ELSEWHERE)
    assert (await sqlite_desk.check(typed(sqlite_desk.show(elsewhere), thai=True)))["code"] == "COVERED_ELSEWHERE"
    sqlite_desk.issuer.set_status(Status.INVALID)
    sqlite_desk.clock.advance(61)
    assert (await sqlite_desk.check(typed(sqlite_desk.show(), thai=True)))["code"] == "REVOKED"


async def test_what_nothing_explains_is_not_called_forged(sqlite_desk: Desk) -> None:
    """Where no order has a good signature, the scanner may be to blame: the desk is to scan again."""
    code = sqlite_desk.show()
    broken = PREFIX + code[4:40] + "6J" + code[42:]
    normalised = unicodedata.normalize("NFC", typed(broken, thai=True))
    assert (await sqlite_desk.check(normalised))["code"] == "MALFORMED"
    assert (await sqlite_desk.check("สวัสดีครับ"))["code"] == "NOT_A_CREDENTIAL"
