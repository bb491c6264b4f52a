"""The packed array inside a status list: many small numbers, 1, 2, 4 or 8 bits each, in as few bytes as they need.

Token Status Lists and Bitstring Status Lists differ in one thing here: at which end of a byte its first entry is. The
first has it in the lowest bits, the second in the highest. Many entries are packed as a few big integers: each has the
entries of one place within the bytes, shifted there, and all of them are laid over each other.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Self

MAX_BYTES = 1024 * 1024
_BITS = (1, 2, 4, 8)


class StatusBits:
    """An array of `size` statuses of `bits` bits each (1, 2, 4 or 8), all 0 at first."""

    lowest_first: bool = True
    """Whether the first entry of a byte is in its lowest bits. A property of the kind of list, set by its class."""

    def __init__(self, bits: int, size: int) -> None:
        """Raises `ValueError` for another number of bits, or a size that is not positive or over 1 MiB."""
        if bits not in _BITS:
            raise ValueError("a status has 1, 2, 4 or 8 bits")
        self._shape(bits, size, bytearray(max(0, min(-(-size * bits // 8), MAX_BYTES + 1))))

    def _shape(self, bits: int, size: int, array: bytearray) -> None:
        if not 0 < len(array) <= MAX_BYTES:
            raise ValueError("a status list has at least one entry and at most 1 MiB")
        self.bits = bits
        self.size = size
        self._array = array
        self._per_byte = 8 // bits
        self._mask = (1 << bits) - 1
        # A place in the array is found by shifting and looking up: this is asked for at every check.
        self._byte_shift = self._per_byte.bit_length() - 1
        shifts = tuple(range(0, 8, bits))
        self._shifts = shifts if self.lowest_first else shifts[::-1]

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
        if bits not in _BITS:
            raise ValueError("a status has 1, 2, 4 or 8 bits")
        packed = cls.__new__(cls)
        packed._shape(bits, len(array) * 8 // bits, bytearray(array))
        return packed

    def to_bytes(self) -> bytes:
        """The packed array."""
        return bytes(self._array)

    def get(self, index: int) -> int:
        """The value at this index; raises `IndexError` outside the list."""
        if not 0 <= index < self.size:
            raise IndexError("no such entry in the status list")
        return self._array[index >> self._byte_shift] >> self._shifts[index & self._per_byte - 1] & self._mask

    def set(self, index: int, value: int) -> None:
        """Puts a value at this index; raises `IndexError` outside the list, `ValueError` where it needs more bits."""
        if not 0 <= index < self.size:
            raise IndexError("no such entry in the status list")
        if not 0 <= value <= self._mask:
            raise ValueError("the value does not fit the list's bits")
        byte, shift = index >> self._byte_shift, self._shifts[index & self._per_byte - 1]
        self._array[byte] = self._array[byte] & ~(self._mask << shift) & 0xFF | value << shift

    def _pack(self, values: bytearray) -> bytearray:
        """One byte per entry to the packed array."""
        packed = 0
        for place, shift in enumerate(self._shifts):
            packed |= int.from_bytes(values[place :: self._per_byte], "little") << shift
        return bytearray(packed.to_bytes(len(self._array), "little"))


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
