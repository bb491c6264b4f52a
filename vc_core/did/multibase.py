"""Multibase in base58btc: how DIDs and Multikey documents write bytes as text. Strict: one text for one value.

Base58 is a number in base 58, so reading it costs the square of its length: a length limit comes first.
"""

from __future__ import annotations

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_NO_DIGIT = 255
_DIGITS = bytes(_ALPHABET.find(chr(code)) % 256 for code in range(256))
"""The value of each letter, `_NO_DIGIT` for all others: -1 as a byte."""
_PREFIX = "z"
MAX_LENGTH = 140
"""The longest text that is read; the longest value of ours, a signature of ECDSA on P-384, takes 132 characters."""


class MultibaseError(ValueError):
    """The text is not base58btc, or longer than any key of ours."""


def base58btc_encode(data: bytes) -> str:
    """Bytes in base58 with Bitcoin's alphabet, without a multibase prefix."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, four = divmod(number, 58**4)
        first, second = divmod(four, 58**2)
        text = _PAIRS[first] + _PAIRS[second] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text.lstrip("1")


def base58btc_decode(text: str) -> bytes:
    """The reverse of `base58btc_encode`. Raises `MultibaseError`."""
    if len(text) > MAX_LENGTH:
        raise MultibaseError("too long")
    digits = text.encode("ascii", "replace").translate(_DIGITS)  # a question mark is no digit either
    if _NO_DIGIT in digits:
        raise MultibaseError("not base58btc")
    number = _number_of(digits)
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _number_of(digits: bytes) -> int:
    """The number that the digits are to the base 58.

    All at once: neighbours are put together to one digit to the square of the base, until there is one digit left. Two
    neighbours as they stand, `a` and `b` in so many bits each, are `a * 2**bits + b` and become `a * base + b`.
    """
    number = int.from_bytes(digits, "big")
    for bits, less, mask in _STEPS:
        if len(digits) * 8 <= bits:
            break
        number -= (number >> bits & mask) * less
    return number


def _lanes(bits: int) -> int:
    """Ones in every other group of that many bits, over twice `MAX_LENGTH` bytes."""
    ones = (1 << bits) - 1
    return sum(ones << shift for shift in range(0, 16 * MAX_LENGTH, 2 * bits))


_STEPS = tuple((8 << step, (1 << (8 << step)) - 58 ** (1 << step), _lanes(8 << step)) for step in range(8))
"""Of each step the width of a digit in bits, how much less than 2 to that the base is, and the mask of each second."""


def multibase_encode(data: bytes) -> str:
    """Bytes as multibase text: `z` and base58btc."""
    return _PREFIX + base58btc_encode(data)


def multibase_decode(text: str) -> bytes:
    """The reverse of `multibase_encode`; refuses other bases. Raises `MultibaseError`."""
    if not text.startswith(_PREFIX):
        raise MultibaseError("not multibase in base58btc")
    return base58btc_decode(text[len(_PREFIX) :])
