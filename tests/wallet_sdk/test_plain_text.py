"""W7: strangers' text is inert."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_sdk.plain_text import MAX_SHOWN, plain_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b[31mHospital\x07", "[2J[31mHospital"),
        ("Ranong\u202elatipsoH", "RanonglatipsoH"),
        ("a\u2066b\u2069c\u200e\u200f\u061c", "abc"),
        ("two\nlines\r\n\tand\u2028more\u2029", "two lines and more"),
        ("\x9b31mC1", "31mC1"),
        ("ကျန်း\u200bမာ\u200dရေး", "ကျန်း\u200bမာ\u200dရေး"),
        ("น้ำใจ ทองดี", "น้ำใจ ทองดี"),
        ("\ud800\ue000\U000e0041", ""),
        (1991, "1991"),
    ],
)
def test_known_tricks(text: object, shown: str) -> None:
    assert plain_text(text) == shown


def test_a_flood_is_cut() -> None:
    assert plain_text("x" * 10_000) == "x" * (MAX_SHOWN - 1) + "…"
    assert len(plain_text("\x00" * 10**7 + "x")) <= MAX_SHOWN


@given(st.text())
def test_always_one_short_line_without_controls(text: str) -> None:
    shown = plain_text(text)
    assert len(shown) <= MAX_SHOWN
    assert len(shown.splitlines()) <= 1
    assert all(each in "\u200b\u200c\u200d" or unicodedata.category(each)[0] != "C" for each in shown)
