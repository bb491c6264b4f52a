"""Multibase in base58btc: how DIDs and Multikey documents write bytes as text. Strict: one text for one value.

Base58 is a number in base 58, which GMP reads and writes, with digits of its own. The time that takes grows faster than
the length: a length limit comes first.
"""

from __future__ import annotations

import string

from gmpy2 import mpz

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = (string.digits + string.ascii_uppercase + string.ascii_lowercase)[: len(_ALPHABET)]
"""GMP's, by the same values."""
_NO_DIGIT = "*"
"""For all other letters: GMP would overlook white space."""
_TO_DIGITS = bytes(ord(dict(zip(_ALPHABET, _DIGITS, strict=True)).get(chr(code), _NO_DIGIT)) for code in range(256))
_FROM_DIGITS = str.maketrans(_DIGITS, _ALPHABET)
_PREFIX = "z"
MAX_LENGTH = 140
"""The longest text that is read; the longest value of ours, a signature of ECDSA on P-384, takes 132 characters."""


class MultibaseError(ValueError):
    """The text is not base58btc, or longer than any key of ours."""


def base58btc_encode(data: bytes) -> str:
    """Bytes in base58 with Bitcoin's alphabet, without a multibase prefix."""
    number = int.from_bytes(data, "big")
    text = mpz(number).digits(len(_ALPHABET)).translate(_FROM_DIGITS) if number else ""
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def base58btc_decode(text: str) -> bytes:
    """The reverse of `base58btc_encode`. Raises `MultibaseError`."""
    if len(text) > MAX_LENGTH:
        raise MultibaseError("too long")
    digits = text.encode("ascii", "replace").translate(_TO_DIGITS)  # a question mark is no digit either
    try:
        number = int(mpz(b"0" + digits, len(_ALPHABET)))
    except ValueError as cause:
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
