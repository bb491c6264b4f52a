"""Health numbers."""

from __future__ import annotations

import re
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.roster.health_numbers import check_character, create_health_id

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_a_number_has_the_prefix_and_a_fitting_check_character() -> None:
    number = create_health_id(secrets.token_bytes)
    assert re.fullmatch(f"SB[{ALPHABET}]{{10}}", number)
    assert check_character(number[2:-1]) == number[-1]


def test_the_number_is_as_random_as_its_source() -> None:
    assert create_health_id(bytes) == "SB0000000000"


@given(st.text(ALPHABET, min_size=9, max_size=9), st.integers(0, 8), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_shows(characters: str, place: int, other: str) -> None:
    changed = characters[:place] + other + characters[place + 1 :]
    assert (check_character(changed) == check_character(characters)) == (changed == characters)


def test_characters_that_people_confuse_are_not_used() -> None:
    with pytest.raises(ValueError, match="substring not found"):
        check_character("I")
