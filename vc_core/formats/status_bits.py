"""The packed array inside a status list: many small numbers, 1, 2, 4 or 8 bits each, in as few bytes as they need.

Token Status Lists and Bitstring Status Lists differ in one thing here: at which end of a byte its first entry is. The
first has it in the lowest bits, the second in the highest. Packing goes through one big integer, whose digits in base
2, 4, 16 or 256 are the entries: Python turns such digits into bytes in one pass, without a step per entry.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Self

MAX_BYTES = 1024 * 1024
_BITS = (1, 2, 4, 8)
_DIGITS = bytes(b"0123456789abcdef"[value % 16] for value in range(256))


class StatusBits:
    """An array of `size` statuses of `bits` bits each (1, 2, 4 or 8), all 0 at first."""

    lowest_first: bool = True
    """Whether the first entry of a byte is in its lowest bits. A property of the kind of list, set by its class."""

    def __init__(self, bits: int, size: int) -> None:
        """Raises `ValueError` for another number of bits, or a size that is not positive or over 1 MiB."""
        if bits not in _BITS:
            raise ValueError("a status has 1, 2, 4 or 8 bits")
        self.bits = bits
        self.size = size
        self._per_byte = 8 // bits
        self._mask = (1 << bits) - 1
        length = -(-size // self._per_byte)
        if not 0 < length <= MAX_BYTES:
            raise ValueError("a status list has at least one entry and at most 1 MiB")
        self._array = bytearray(length)

    @classmethod
    def from_entries(cls, bits: int, size: int, entries: Iterable[tuple[int, int]]) -> Self:
        """An array in which these entries (index and value) are set; quicker than setting one by one.

        Raises as `set` does.
        """
        packed = cls(bits, size)
        values = bytearray(len(packed._array) * packed._per_byte)
        for index, value in entries:
            if not 0 <= index < size:
                raise IndexError("no such entry in the status list")
            if not 0 <= value <= packed._mask:
                raise ValueError("the value does not fit the list's bits")
            values[index] = value
        packed._array = packed._pack(values)
        return packed

    @classmethod
    def from_bytes(cls, bits: int, array: bytes) -> Self:
        """The array in these bytes; `size` becomes all that they have room for. Raises `ValueError`."""
        packed = cls(bits, len(array) * 8 // bits if bits in _BITS else 0)
        packed._array = bytearray(array)
        return packed

    def to_bytes(self) -> bytes:
        """The packed array."""
        return bytes(self._array)

    def get(self, index: int) -> int:
        """The value at this index; raises `IndexError` outside the list."""
        byte, shift = self._place(index)
        return self._array[byte] >> shift & self._mask

    def set(self, index: int, value: int) -> None:
        """Puts a value at this index; raises `IndexError` outside the list, `ValueError` where it needs more bits."""
        byte, shift = self._place(index)
        if not 0 <= value <= self._mask:
            raise ValueError("the value does not fit the list's bits")
        self._array[byte] = self._array[byte] & ~(self._mask << shift) & 0xFF | value << shift

    def _place(self, index: int) -> tuple[int, int]:
        """Which byte, and by how many bits the entry is shifted in it."""
        if not 0 <= index < self.size:
            raise IndexError("no such entry in the status list")
        byte, entry = divmod(index, self._per_byte)
        return byte, (entry if self.lowest_first else self._per_byte - 1 - entry) * self.bits

    def _pack(self, values: bytearray) -> bytearray:
        """One byte per entry to the packed array."""
        if self.bits == 8:
            return values
        ordered = values[::-1] if self.lowest_first else values
        number = int(ordered.translate(_DIGITS), 1 << self.bits)
        return bytearray(number.to_bytes(len(self._array), "little" if self.lowest_first else "big"))


def inflate(compressed: bytes, *, wbits: int) -> bytes:
    """The bytes in a frame that zlib knows by this `wbits`, all of it and no more, up to 1 MiB. Raises `ValueError`."""
    stream = zlib.decompressobj(wbits)
    try:
        array = stream.decompress(compressed, MAX_BYTES + 1)
    except zlib.error as cause:
        raise ValueError("not in the format of the compression") from cause
    if len(array) > MAX_BYTES:
        raise ValueError("the status list is too large")
    if not stream.eof or stream.unused_data:
        raise ValueError("the compressed status list ends too early or too late")
    return array
