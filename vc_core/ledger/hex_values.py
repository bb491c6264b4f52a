"""How JSON-RPC writes numbers and bytes: quantities without leading zeros, data with two digits a byte."""

from __future__ import annotations

import re
from typing import Any

_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}\Z")
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*\Z")


def quantity(number: int) -> str:
    """A whole number, not negative, as `0x…`."""
    return hex(number)


def hex_data(data: bytes) -> str:
    """Bytes as `0x…`."""
    return "0x" + data.hex()


def parse_quantity(value: Any) -> int:
    """The reverse of `quantity`; leading zeros, which some nodes write, are let pass. Raises `ValueError`."""
    if not isinstance(value, str) or not _QUANTITY.match(value):
        raise ValueError("not a JSON-RPC quantity")
    return int(value, 16)


def parse_hex_data(value: Any, length: int | None = None) -> bytes:
    """The reverse of `hex_data`; `length` in bytes, where only one will do. Raises `ValueError`."""
    if not isinstance(value, str) or not _DATA.match(value) or (length is not None and len(value) != 2 + 2 * length):
        raise ValueError("not JSON-RPC data")
    return bytes.fromhex(value[2:])
