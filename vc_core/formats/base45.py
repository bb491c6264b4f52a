"""Base45 (RFC 9285): bytes in the 45 characters that a QR code stores most densely (its alphanumeric mode).

Two bytes, a number below 65,536, become three digits to the base 45, the least significant first; a byte left over at
the end becomes two. Three digits can say more than 65,535 and two more than 255: such groups are refused, so no two
texts decode to the same bytes. The alphabet has a space, but a text never ends in one: the last digit of a group is at
most 32, and the space is 36. White space that a scanner appends can therefore be told from the text.
"""

from __future__ import annotations

import struct
from functools import lru_cache

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
    groups, rest = divmod(len(digits), 3)
    if rest == 1:
        raise Base45Error("base45 of an impossible length")
    data = _pairs_of_bytes(digits[: 3 * groups], groups)
    if rest:
        last = digits[-2] + 45 * digits[-1]
        if last > 0xFF:
            raise Base45Error("a group of base45 out of range")
        data.append(last)
    return bytes(data)


def _pairs_of_bytes(digits: bytes, groups: int) -> bytearray:
    """Two bytes for each three digits, all groups at once.

    In one long integer every group has a lane of 24 bits with a digit in each byte. No lane overflows into the next,
    since three digits say at most 91,124: so the first digits of all groups, the second and the third are masked out
    and added up together.
    """
    lanes, first = int.from_bytes(digits, "little"), _first_of_each_lane(groups)
    numbers = (lanes & first) + 45 * (lanes >> 8 & first) + 2025 * (lanes >> 16 & first)
    lane_bytes = numbers.to_bytes(3 * groups, "little")
    if any(lane_bytes[2::3]):
        raise Base45Error("a group of base45 out of range")
    data = bytearray(2 * groups)
    data[0::2], data[1::2] = lane_bytes[1::3], lane_bytes[0::3]
    return data


@lru_cache(maxsize=512)
def _first_of_each_lane(groups: int) -> int:
    return int.from_bytes(b"\xff\x00\x00" * groups, "little")
