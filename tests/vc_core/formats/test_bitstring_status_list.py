"""Bitstring Status Lists: the specification's example, bit order, bounds, and what a credential says of its entries."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vc_core.encoding import base64url_encode
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.bitstring_status_list import (
    MINIMUM_ENTRIES,
    BitstringStatusList,
    create_credential_status,
    parse_credential_status,
)
from vc_core.formats.credential import BitstringStatusReference, StatusPurpose
from vc_core.formats.status_bits import MAX_BYTES
from vc_core.formats.status_list import StatusList

URI = "https://office.example/status/1/revocation"
VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "status-list" / "bitstring.json").read_text("utf-8"))
EXAMPLE = VECTORS[0]["encodedList"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['source']}, {vector['bits']} bits")
def test_vector_is_read_and_written(vector: dict[str, Any]) -> None:
    statuses = {int(index): value for index, value in vector["statuses"].items()}
    read = BitstringStatusList.decode(vector["bits"], vector["encodedList"])
    assert read.size == vector["size"] == MINIMUM_ENTRIES
    assert {index: read.get(index) for index in range(read.size) if read.get(index)} == statuses
    written = BitstringStatusList.from_entries(vector["bits"], vector["size"], statuses.items())
    assert BitstringStatusList.decode(vector["bits"], written.encode()).to_bytes() == read.to_bytes()


@pytest.mark.parametrize(
    ("bits", "index", "value", "array"),
    [
        (1, 0, 1, "8000"),
        (1, 7, 1, "0100"),
        (1, 8, 1, "0080"),
        (2, 0, 2, "80000000"),
        (2, 5, 1, "00100000"),
        (4, 1, 0xE, "0e00000000000000"),
        (4, 2, 0xE, "00e0000000000000"),
        (8, 1, 0xA5, "00a5" + 14 * "00"),
    ],
)
def test_the_first_entry_is_the_leftmost_bit(bits: int, index: int, value: int, array: str) -> None:
    written = BitstringStatusList(bits, 16)
    written.set(index, value)
    assert written.to_bytes().hex() == array
    assert BitstringStatusList.from_entries(bits, 16, [(index, value)]).to_bytes().hex() == array


@settings(deadline=None)
@given(st.sampled_from([1, 2, 4, 8]), st.dictionaries(st.integers(0, 999), st.integers(0, 255)))
def test_both_kinds_give_back_what_was_packed(bits: int, chosen: dict[int, int]) -> None:
    entries = {index: value % 2**bits for index, value in chosen.items()}
    for kind in (StatusList, BitstringStatusList):
        one_by_one = kind(bits, 1000)
        for index, value in entries.items():
            one_by_one.set(index, value)
        packed = kind.from_entries(bits, 1000, entries.items())
        assert packed.to_bytes() == one_by_one.to_bytes()
        assert {index: packed.get(index) for index in entries} == entries
    bitstring = BitstringStatusList.from_entries(bits, 1000, entries.items())
    assert BitstringStatusList.decode(bits, bitstring.encode()).to_bytes() == bitstring.to_bytes()


def test_an_entry_that_does_not_fit_is_not_packed() -> None:
    with pytest.raises(IndexError):
        BitstringStatusList.from_entries(1, 8, [(8, 1)])
    with pytest.raises(ValueError, match="bits"):
        BitstringStatusList.from_entries(1, 8, [(0, 2)])


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        EXAMPLE[1:],
        "z" + EXAMPLE[1:],
        EXAMPLE + "=",
        "u" + base64url_encode(b"not compressed"),
        "u" + base64url_encode(gzip.compress(bytes(16384))[:-1]),
        "u" + base64url_encode(gzip.compress(bytes(16384)) + b"x"),
        "u" + base64url_encode(gzip.compress(bytes(8192)) + gzip.compress(bytes(8192))),
        "u" + base64url_encode(gzip.compress(bytes(MAX_BYTES + 1))),
        "u" + base64url_encode(gzip.compress(b"")),
    ],
    ids=range(10),
)
def test_what_is_no_encoded_list_is_refused(encoded: str) -> None:
    with pytest.raises(ValueError, match="list|compression|status"):
        BitstringStatusList.decode(1, encoded)


ENTRY: dict[str, Any] = {
    "id": "https://office.example/status/1#7",
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "7",
    "statusListCredential": URI,
}
_MESSAGES = [{"status": hex(value), "message": f"message {value}"} for value in range(4)]


def test_entries_are_written_and_read() -> None:
    references = (
        BitstringStatusReference(URI, 7, StatusPurpose.REVOCATION),
        BitstringStatusReference(URI, 94_567, StatusPurpose.SUSPENSION),
    )
    assert parse_credential_status(create_credential_status(references)) == references
    assert parse_credential_status(ENTRY) == references[:1]


def test_an_entry_of_more_bits_brings_its_messages() -> None:
    entry = ENTRY | {"statusPurpose": "message", "statusSize": 2, "statusMessage": _MESSAGES}
    assert parse_credential_status(entry) == (BitstringStatusReference(URI, 7, StatusPurpose.MESSAGE, 2),)


@pytest.mark.parametrize(
    "fault",
    [
        {"statusListIndex": 7},
        {"statusListIndex": "-1"},
        {"statusListIndex": "1.9"},
        {"statusListIndex": "abc"},
        {"statusListIndex": "07"},
        {"statusListIndex": "7\n"},
        {"statusListIndex": "٧"},
        {"statusListIndex": "9" * 5000},
        {"statusListIndex": None},
        {"statusListCredential": None},
        {"statusListCredential": "https://x.example/" + "a" * 3000},
        {"id": URI},
        {"statusPurpose": None},
        {"statusPurpose": ["revocation"]},
        {"statusSize": 0},
        {"statusSize": "1"},
        {"statusSize": True},
        {"statusSize": 2},
        {"statusSize": 2, "statusMessage": _MESSAGES[:3]},
        {"statusSize": 2, "statusMessage": [*_MESSAGES[:3], _MESSAGES[0]]},
        {"statusSize": 2, "statusMessage": [*_MESSAGES[:3], {"status": "3", "message": "no 0x"}]},
        {"statusSize": 2, "statusMessage": [*_MESSAGES[:3], {"status": "0x3"}]},
        {"statusSize": 1, "statusMessage": _MESSAGES},
        {"statusSize": 1, "statusMessage": "set"},
    ],
)
def test_an_entry_with_a_fault_is_malformed(fault: dict[str, Any]) -> None:
    with pytest.raises(Rejection) as refusal:
        parse_credential_status(ENTRY | fault)
    assert refusal.value.code is ReasonCode.MALFORMED


@pytest.mark.parametrize("value", [[], [ENTRY] * 9, "https://office.example/status/1", None, [[ENTRY]]])
def test_what_is_no_list_of_entries_is_malformed(value: Any) -> None:
    with pytest.raises(Rejection) as refusal:
        parse_credential_status(value)
    assert refusal.value.code is ReasonCode.MALFORMED


@pytest.mark.parametrize(
    "unknown",
    [{"type": "StatusList2021Entry"}, {"type": None}, {"statusPurpose": "weather"}, {"statusSize": 3}],
)
def test_a_status_that_nobody_here_can_read_is_unavailable(unknown: dict[str, Any]) -> None:
    with pytest.raises(Rejection) as refusal:
        parse_credential_status([ENTRY, ENTRY | unknown])
    assert refusal.value.code is ReasonCode.STATUS_UNAVAILABLE
