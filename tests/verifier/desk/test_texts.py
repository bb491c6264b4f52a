"""The catalogues: nothing is missing in any language, and dates and ages read as people say them."""

from __future__ import annotations

import string

import pytest

from vc_core.credential_types.definition import LANGUAGES
from vc_core.errors import ReasonCode
from verifier.desk.texts import DEFAULT_LANGUAGE, TEXTS
from verifier.desk.wording import format_age, format_date, format_time, format_year


def placeholders(text: str) -> set[str]:
    """The fields that a format string names."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_language_is_there_and_thai_comes_first() -> None:
    assert tuple(TEXTS) == LANGUAGES
    assert DEFAULT_LANGUAGE == "th"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_and_label_is_there(language: str) -> None:
    texts = TEXTS[language]
    codes = {code.value for code in ReasonCode}
    assert set(texts.reasons) == set(texts.next_actions) == codes
    assert set(texts.labels) == set(TEXTS["en"].labels)
    for catalogue in (texts.labels, texts.reasons, texts.next_actions):
        assert all(text.strip() == text and text for text in catalogue.values())
    assert len(texts.labels["months"].split()) == 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_ages_name_their_count(language: str) -> None:
    for name, text in TEXTS[language].labels.items():
        expected = {"count"} if name in ("age_minutes", "age_hours", "age_days") else set()
        if name not in ("year", "date"):
            assert placeholders(text) == expected, name


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_sentences_are_in_their_own_script(language: str) -> None:
    first = {"th": "\u0e00", "lo": "\u0e80", "my": "\u1000", "km": "\u1780"}[language]
    for text in (*TEXTS[language].reasons.values(), *TEXTS[language].next_actions.values()):
        assert any(first <= letter <= chr(ord(first) + 0x9F) for letter in text)


@pytest.mark.parametrize(
    ("language", "date", "year"),
    [
        ("th", "31 ธันวาคม 2569", "พ.ศ. 2537 (ค.ศ. 1994)"),
        ("en", "31 December 2026", "1994"),
        ("my", "31 ဒီဇင်ဘာ 2026", "1994"),
        ("lo", "31 ທັນວາ 2026", "1994"),
        ("km", "31 ធ្នូ 2026", "1994"),
    ],
)
def test_thai_years_are_of_the_buddhist_era_and_others_gregorian(language: str, date: str, year: str) -> None:
    assert format_date("2026-12-31", TEXTS[language]) == date
    assert format_year(1994, TEXTS[language]) == year


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "not checked"),
        (0, "under a minute"),
        (59, "under a minute"),
        (60, "1 minute"),
        (3_599, "59 minutes"),
        (3_600, "1 hour"),
        (86_399, "23 hours"),
        (86_400, "1 day"),
        (864_000, "10 days"),
    ],
)
def test_ages_in_words(seconds: int | None, words: str) -> None:
    assert format_age(seconds, TEXTS["en"]) == words


def test_times_are_thailands() -> None:
    assert format_time(1_790_000_000) == "21:13:20"
