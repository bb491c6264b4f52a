"""Names and values as a holder reads them, of types that the wallet knows and of others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.wallet_sdk.fakes import FakeWorld
from tests.wallet_sdk.openid4vp.conftest import hold
from wallet_sdk.content import HeldCredential, IssuerWords
from wallet_sdk.labels import claim_label, claim_text, type_label


@pytest.fixture
def health_id(world: FakeWorld) -> HeldCredential:
    """A health ID."""
    return hold(world, "HealthId_dc+sd-jwt")


@pytest.fixture
def diploma(health_id: HeldCredential) -> HeldCredential:
    """A credential of a type that the wallet does not know, with words of its issuer's."""
    words = IssuerWords({"en": "Diploma\x1b[2J", "my": "ဒီပလိုမာ"}, {"degree": {"": "Degree \u202eeerged"}})
    return replace(health_id, vct="https://elsewhere.example/diploma", words=words)


def test_known_types_are_named_by_our_words(health_id: HeldCredential) -> None:
    assert type_label(health_id, "th") == "บัตรสุขภาพ"
    assert type_label(health_id, "xx") == "Health ID"
    assert claim_label(health_id, "birth_date", "en") == "Date of birth"
    assert claim_text(health_id, "birth_date", "1991-04-13", "th") == "13 เมษายน 2534"
    assert claim_text(health_id, "birth_year", 1991, "en") == "1991"


def test_a_stranger_s_words_are_inert(diploma: HeldCredential) -> None:
    assert type_label(diploma, "en") == "Diploma[2J"
    assert type_label(diploma, "my") == "ဒီပလိုမာ"
    assert type_label(diploma, "th") == "Diploma[2J"
    assert claim_label(diploma, "degree", "km") == "Degree eerged"
    assert claim_text(diploma, "degree", "\x1b[31mBSc", "en") == "[31mBSc"


def test_what_nobody_has_words_for_is_named_as_it_is(diploma: HeldCredential) -> None:
    bare = replace(diploma, words=None)
    assert type_label(bare, "en") == "https://elsewhere.example/diploma"
    assert claim_label(bare, "degree", "en") == "degree"
    assert claim_text(bare, "degree", {"type": "BSc", "year": 2019}, "en") == '{"type":"BSc","year":2019}'
    assert claim_text(bare, "grade", 1, "en") == "1"
