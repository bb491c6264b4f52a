"""The health number that the issuer gives each person: `SB` and ten characters, the last of which checks the others.

It is random, never derived from a citizen ID: those have 13 digits and can be found again by trying all. Nine
characters of Crockford's base32 are 45 bits; the tenth is Luhn's check digit modulo 32, which finds every single wrong
character and nearly every swap of two neighbours.
"""

from __future__ import annotations

from collections.abc import Callable

PREFIX = "SB"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BASE = len(_ALPHABET)
_RANDOM_CHARACTERS = 9


def create_health_id(randomness: Callable[[int], bytes]) -> str:
    """A new health number."""
    number = int.from_bytes(randomness(8), "big")
    characters = ""
    for _ in range(_RANDOM_CHARACTERS):
        number, digit = divmod(number, _BASE)
        characters += _ALPHABET[digit]
    return PREFIX + characters + check_character(characters)


def check_character(characters: str) -> str:
    """The check character of a health number's random part. Raises `ValueError` for other characters."""
    total = 0
    for position, character in enumerate(reversed(characters)):
        digit = _ALPHABET.index(character) * (2 if position % 2 == 0 else 1)
        total += digit // _BASE + digit % _BASE
    return _ALPHABET[-total % _BASE]
