"""Deterministic CBOR: what is taken, and every way of writing it that is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc_core.crypto.cbor import MAX_CBOR_DEPTH, CborError, decode_cbor, encode_cbor

INTEGERS = st.integers(-(2**64), 2**64 - 1)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(INTEGERS, st.booleans(), st.binary(max_size=40), st.text(st.characters(codec="utf-8"), max_size=40)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(INTEGERS, inner, max_size=4)),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (1_000_000_000_000, "1b000000e8d4a51000"),  # RFC 8949 appendix A
        (18446744073709551615, "1bffffffffffffffff"),
        (-1, "20"),
        (-18446744073709551616, "3bffffffffffffffff"),
        (True, "f5"),
        (b"\x01\x02\x03\x04", "4401020304"),
        ("水", "63e6b0b4"),
        ([1, [2, 3], [4, 5]], "8301820203820405"),
        ({1: 2, 3: 4}, "a201020304"),
        ({-1: 3, 24: 2, 1: 1, -65537: 4, 65535: 5}, "a501011818021 9ffff0520033a0001000004".replace(" ", "")),
    ],
)
def test_encodes_and_decodes(value: Any, encoded: str) -> None:
    assert encode_cbor(value).hex() == encoded
    assert decode_cbor(bytes.fromhex(encoded)) == value


REFUSED = {
    "nothing": "",
    "bytes after it": "0101",
    "cut off in an array": "8301",
    "cut off in a text": "6261",
    "one byte in two": "1801",
    "two bytes in four": "1a0000ffff",
    "four bytes in eight": "1b00000000ffffffff",
    "a length in two bytes": "580101",
    "indefinite array": "9f01ff",
    "indefinite map": "bf0101ff",
    "indefinite byte string": "5f4101ff",
    "indefinite text": "7f6161ff",
    "break alone": "ff",
    "reserved length": "1c",
    "array of 2^63": "9b7fffffffffffffff",
    "map of 2^60": "bb0fffffffffffffff",
    "array of 2^31": "9a7fffffff",
    "byte string of 2^63": "5b7fffffffffffffff",
    "text of 2^31": "7a7fffffff",
    "key twice": "a201010102",
    "unsorted integers": "a202010102",
    "negative before positive": "a220010102",
    "unsorted by length only": "a2200118 1802".replace(" ", ""),
    "text key": "a1616101",
    "byte string key": "a1416101",
    "key 1.0": "a1f93c0001",
    "key true": "a1f501",
    "key in an array": "a1810101",
    "key in a map": "a1a001",
    "key of null": "a1f601",
    "float": "f93c00",
    "NaN": "f97e00",
    "infinity": "f97c00",
    "null": "f6",
    "undefined": "f7",
    "simple value": "e0",
    "simple value in two bytes": "f820",
    "text that is not UTF-8": "61ff",
    "text with a surrogate": "63eda080",
    "date": "c074323031332d30332d32315432303a30343a30305a",
    "epoch time": "c11a514b67b0",
    "bignum": "c249010000000000000000",
    "negative bignum": "c349010000000000000000",
    "decimal": "c48221196ab3",
    "bigfloat": "c5822003",
    "base64 hint": "d64101",
    "COSE_Sign1": "d284402040 40".replace(" ", ""),
    "embedded CBOR": "d8184101",
    "string reference": "d81900",
    "shared value": "d81c8100",
    "cycle": "d81c81d81d00",
    "reference": "d81d00",
    "rational": "d81e820103",
    "address": "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
    "pattern": "d823612e",
    "MIME": "d824613a",
    "UUID": "d8255000000000000000000000000000000000",
    "network address": "d9010444c0a80001",
    "date in days": "d8641901f4",
    "set": "d90102820101",
    "self-described": "d9d9f701",
    "unknown tag": "d903e701",
    "tag of 2^64 - 1": "dbffffffffffffffff01",
    "tag in a map": "a101c101",
    "nested too deep": "81" * MAX_CBOR_DEPTH + "8101",
    "nested 10,000 deep": "81" * 10_000 + "01",
    "maps nested 10,000 deep": "a101" * 10_000 + "01",
    "tags nested 10,000 deep": "c1" * 10_000 + "01",
}


@pytest.mark.parametrize("encoded", REFUSED.values(), ids=REFUSED.keys())
def test_refuses_every_other_form(encoded: str) -> None:
    with pytest.raises(CborError):
        decode_cbor(bytes.fromhex(encoded))


def test_takes_as_many_levels_as_it_says() -> None:
    encoded = bytes.fromhex("81" * MAX_CBOR_DEPTH + "01")
    assert encode_cbor(decode_cbor(encoded)) == encoded


@given(VALUES)
def test_decodes_what_it_encodes(value: Any) -> None:
    encoded = encode_cbor(value)
    try:
        decoded = decode_cbor(encoded)
    except CborError:
        assert _depth(value) > MAX_CBOR_DEPTH
        return
    assert decoded == value
    assert encode_cbor(decoded) == encoded


@given(st.binary(max_size=200))
def test_takes_no_bytes_that_it_would_not_write(data: bytes) -> None:
    try:
        value = decode_cbor(data)
    except CborError:
        return
    assert encode_cbor(value) == data


def _depth(value: Any) -> int:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, members), default=0) if isinstance(value, dict | list) else 0
