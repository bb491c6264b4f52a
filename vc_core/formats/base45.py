"""Base45 (RFC 9285): bytes in the 45 characters that a QR code stores most densely (its alphanumeric mode).

Two bytes, a number below 65,536, become three digits to the base 45, the least significant first; a byte left over at
the end becomes two. Three digits can say more than 65,535 and two more than 255: such groups are refused, so no two
texts decode to the same bytes. The alphabet has a space, but a text never ends in one: the last digit of a group is at
most 32, and the space is 36. White space that a scanner appends can therefore be told from the text.
"""

from __future__ import annotations

import struct

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_INVALID = 0xFF
_DIGITS = bytes(_ALPHABET.index(chr(byte)) if chr(byte) in _ALPHABET else _INVALID for byte in range(256))
"""The digit of each ASCII character."""
_PAIRS = [low + high for high in _ALPHABET for low in _ALPHABET]
"""The two characters of each number below 2,025."""


class Base45Error(ValueError):
    """The text is not base45; the message says why and holds nothing of the text."""


def base45_encode(data: bytes) -> str:
    """Bytes to base45 (RFC 9285 section 4)."""
    even = len(data) & ~1
    groups = [_PAIRS[number % 2025] + _ALPHABET[number // 2025] for (number,) in struct.iter_unpack(">H", data[:even])]
    if even < len(data):
        groups.append(_PAIRS[data[-1]])
    return "".join(groups)


def base45_decode(text: str) -> bytes:
    """Base45 to bytes; refuses other characters (lower case too), stray lengths and groups out of range.

    Raises `Base45Error`.
    """
    try:
        digits = text.encode("ascii").translate(_DIGITS)
    except UnicodeEncodeError as cause:
        raise Base45Error("a character that base45 does not have") from cause
    if _INVALID in digits:
        raise Base45Error("a character that base45 does not have")
    rest = len(digits) % 3
    if rest == 1:
        raise Base45Error("base45 of an impossible length")
    data = _pairs_of_bytes(digits[: len(digits) - rest])
    if rest:
        last = digits[-2] + 45 * digits[-1]
        if last > 0xFF:
            raise Base45Error("a group of base45 out of range")
        data.append(last)
    return bytes(data)


def _pairs_of_bytes(digits: bytes) -> bytearray:
    """Two bytes for each three digits, all groups at once.

    Every group has a lane of 32 bits in one long integer. No lane overflows into the next, since three digits say at
    most 91,124, so one multiplication and one addition work on all of them.
    """
    groups = len(digits) // 3
    numbers = _lanes(digits[0::3]) + 45 * _lanes(digits[1::3]) + 2025 * _lanes(digits[2::3])
    lanes = numbers.to_bytes(4 * groups, "little")
    if any(lanes[2::4]):
        raise Base45Error("a group of base45 out of range")
    data = bytearray(2 * groups)
    data[0::2], data[1::2] = lanes[1::4], lanes[0::4]
    return data


def _lanes(digits: bytes) -> int:
    lanes = bytearray(4 * len(digits))
    lanes[0::4] = digits
    return int.from_bytes(lanes, "little")
