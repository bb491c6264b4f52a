"""Codes that the computer's keyboard layout garbled: which ones survive what."""

from __future__ import annotations

import asyncio
import unicodedata
from collections import Counter
from collections.abc import Callable
from itertools import groupby, islice
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.issuing import ELSEWHERE
from tests.support.keyboard import typed
from tests.verifier.challenges.test_challenges_api import answer, challenge
from tests.verifier.conftest import Desk
from vc_core.crypto.keys import P256Signer
from vc_core.formats.base45 import base45_encode
from vc_core.formats.desk_challenge import ANSWER_PREFIX
from vc_core.formats.printed_card import CARD_PREFIX
from vc_core.formats.qr_pass import PREFIX
from vc_core.formats.status_list import Status
from verifier.challenges.models import IssuedChallenge
from verifier.challenges.repository import ChallengeRepository
from verifier.checks import service, wedge
from verifier.checks.examination import Examined, Examiner
from verifier.checks.wedge import MAX_ORDERS, MAX_TYPED, recover_typed

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
    assert text in candidates or len(candidates) == MAX_ORDERS
    assert len(set(candidates)) == len(candidates)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("J6 " * 500, MAX_ORDERS),
        ("JU6B6J " * 220, MAX_ORDERS),
        ("J6B" * 500, 1),
        ("J" * (MAX_TYPED - 4), 1),
        ("J" * (MAX_TYPED - 3), 0),
        ("J" * 9000, 0),
    ],
    ids=["pairs", "sixes", "one run", "as long as may be", "one too long", "long"],
)
def test_what_there_are_too_many_orders_of_is_bounded(text: str, count: int) -> None:
    normalised = unicodedata.normalize("NFC", typed(PREFIX + text, thai=True))
    candidates = list(recover_typed(normalised, PREFIXES))
    assert len(candidates) == len(set(candidates)) == count


def test_only_what_is_tried_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 228 runs of six marks, each with ninety orders, the last twelve; the others are looked at once."""
    looked_at: Counter[str] = Counter()

    def noted(mark: str) -> int:
        looked_at[mark] += 1
        return unicodedata.combining(mark)

    monkeypatch.setattr(wedge, "combining", noted)
    normalised = unicodedata.normalize("NFC", typed(PREFIX + "JU6B6J " * 228, thai=True))
    assert len(normalised) == MAX_TYPED
    assert next(recover_typed(normalised, PREFIXES)).startswith(PREFIX)
    assert looked_at.total() < 20_000


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


def normalised_code(create: Callable[[], str]) -> tuple[str, str]:
    """What arrives of a code whose marks changed places on the way, not too many, and the code.

    `create` makes another each time: about every second has too many. Of some issuers all have, since their DID is in
    each, so this folder's issuer has always the same.
    """
    for _ in range(100):
        code = create()
        garbled = typed(code, thai=True)
        normalised = unicodedata.normalize("NFC", garbled)
        if normalised != garbled and len(list(recover_typed(normalised, PREFIXES))) < 1000:
            return normalised, code
    raise AssertionError("every code has too many orders")


@pytest.fixture
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """All orders may be tried, however slow the machine is."""
    monkeypatch.setattr(service, "GUESSING_SECONDS", 60)


@pytest.mark.usefixtures("_unhurried")
async def test_the_signature_finds_the_order_that_normalising_lost(sqlite_desk: Desk) -> None:
    garbled, code = normalised_code(lambda: sqlite_desk.show(holder=P256Signer.generate()))
    verdict = await sqlite_desk.check(garbled)
    assert (verdict["code"], verdict["person"]["name_latin"]) == ("OK", "Sandar Hlaing")
    assert (await sqlite_desk.check(code))["code"] == "REPLAYED"


@pytest.mark.usefixtures("_unhurried")
async def test_guesses_at_an_answer_look_its_challenge_up_once(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = await challenge(sqlite_desk)
    garbled, _ = normalised_code(lambda: answer(sqlite_desk, read))
    looked_up: Counter[str] = Counter()
    load = ChallengeRepository.load_by_key

    def noted(self: ChallengeRepository, key_id: str) -> IssuedChallenge | None:
        looked_up[key_id] += 1
        return load(self, key_id)

    monkeypatch.setattr(ChallengeRepository, "load_by_key", noted)
    assert (await sqlite_desk.check(garbled))["code"] == "OK"
    assert looked_up[read.challenge.key_id.hex()] == max(looked_up.values()) == 1


@pytest.mark.usefixtures("_unhurried")
async def test_one_scan_is_puzzled_over_at_a_time(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first guess at each is made at once: it is right where nothing was normalised."""
    hard = [unicodedata.normalize("NFC", typed(f"{PREFIX}{each}" + "6J " * 5, thai=True)) for each in "ADEF"]
    guesses: list[str] = []
    examine = Examiner.examine

    async def noted(self: Examiner, presented: Any, **options: Any) -> Examined:
        if isinstance(presented, str):
            guesses.append(presented[len(PREFIX)])
        await asyncio.sleep(0)
        return await examine(self, presented, **options)

    monkeypatch.setattr(Examiner, "examine", noted)
    verdicts = await asyncio.gather(*map(sqlite_desk.check, hard))
    assert {each["code"] for each in verdicts} == {"MALFORMED"}
    assert Counter(guesses) == dict.fromkeys("ADEF", 32)
    later = [each for place, each in enumerate(guesses) if each in guesses[:place]]
    assert [each for each, _ in groupby(later)] == sorted(set(later), key=later.index)


async def test_a_scan_is_not_puzzled_over_for_long(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "GUESSING_SECONDS", 0)
    garbled, _ = normalised_code(lambda: sqlite_desk.show(holder=P256Signer.generate()))
    assert (await sqlite_desk.check(garbled))["code"] == "MALFORMED"
    assert (await sqlite_desk.check(typed(sqlite_desk.show(), thai=True)))["code"] == "OK"


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
