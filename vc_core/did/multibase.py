"""Multibase in base58btc: how DIDs and Multikey documents write bytes as text. Strict: one text for one value.

Base58 is a number in base 58, so reading it costs the square of its length: a length limit comes first.
"""

from __future__ import annotations

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
# Two letters at a time, since that halves the work with long numbers.
_PAIR_VALUES = {first + second: 58 * _VALUES[first] + _VALUES[second] for first in _ALPHABET for second in _ALPHABET}
_PREFIX = "z"
MAX_LENGTH = 140
"""The longest text that is read; the longest value of ours, a signature of ECDSA on P-384, takes 132 characters."""


class MultibaseError(ValueError):
    """The text is not base58btc, or longer than any key of ours."""


def base58btc_encode(data: bytes) -> str:
    """Bytes in base58 with Bitcoin's alphabet, without a multibase prefix."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def base58btc_decode(text: str) -> bytes:
    """The reverse of `base58btc_encode`. Raises `MultibaseError`."""
    if len(text) > MAX_LENGTH:
        raise MultibaseError("too long")
    odd = len(text) % 2
    try:
        number = _VALUES[text[0]] if odd else 0
        for start in range(odd, len(text), 2):
            number = number * 3364 + _PAIR_VALUES[text[start : start + 2]]
    except KeyError as cause:
        raise MultibaseError("not base58btc") from cause
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def multibase_encode(data: bytes) -> str:
    """Bytes as multibase text: `z` and base58btc."""
    return _PREFIX + base58btc_encode(data)


def multibase_decode(text: str) -> bytes:
    """The reverse of `multibase_encode`; refuses other bases. Raises `MultibaseError`."""
    if not text.startswith(_PREFIX):
        raise MultibaseError("not multibase in base58btc")
    return base58btc_decode(text[len(_PREFIX) :])
