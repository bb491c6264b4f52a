"""The catalogues: nothing is missing in any language."""

from __future__ import annotations

import string

import pytest

from issuer.pages.texts import DEFAULT_LANGUAGE, TEXTS
from vc_core.credential_types.definition import LANGUAGES


def test_every_language_is_there_and_thai_comes_first() -> None:
    assert tuple(TEXTS) == LANGUAGES
    assert DEFAULT_LANGUAGE == "th"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there(language: str) -> None:
    texts = TEXTS[language]
    assert set(texts) == set(TEXTS["en"])
    assert all(text.strip() == text and text for text in texts.values())
    for name, text in texts.items():
        placeholders = {field for _, field, _, _ in string.Formatter().parse(text) if field}
        assert placeholders == ({"code"} if name == "sms" else set())


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_texts_are_in_their_own_script(language: str) -> None:
    first = {"th": "\u0e00", "lo": "\u0e80", "my": "\u1000", "km": "\u1780"}[language]
    for text in TEXTS[language].values():
        assert any(first <= letter <= chr(ord(first) + 0x9F) for letter in text)
