"""base58btc and multibase."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc_core.did.multibase import (
    MAX_LENGTH,
    MultibaseError,
    base58btc_decode,
    base58btc_encode,
    multibase_decode,
    multibase_encode,
)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        # The three vectors of draft-msporny-base58-03 section 5.
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
        (b"", ""),
        (b"\0", "1"),
    ],
)
def test_base58(data: bytes, text: str) -> None:
    assert base58btc_encode(data) == text
    assert base58btc_decode(text) == data


@given(st.binary(max_size=80))
def test_any_bytes_there_and_back(data: bytes) -> None:
    assert multibase_decode(multibase_encode(data)) == data


@given(st.text(alphabet="123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", max_size=MAX_LENGTH))
def test_one_text_for_one_value(text: str) -> None:
    assert base58btc_encode(base58btc_decode(text)) == text


_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@given(
    st.text(st.characters(max_codepoint=300), max_size=6) | st.text(st.sampled_from(_ALPHABET + "0OIl _\n"), max_size=9)
)
def test_it_is_read_as_digit_by_digit(text: str) -> None:
    if not set(text) <= set(_ALPHABET):
        with pytest.raises(MultibaseError):
            base58btc_decode(text)
        return
    number = 0
    for letter in text:
        number = number * 58 + _ALPHABET.index(letter)
    read = base58btc_decode(text)
    assert int.from_bytes(read, "big") == number
    assert len(read) - len(read.lstrip(b"\0")) == len(text) - len(text.lstrip("1"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "6Mk",
        "uAAAA",
        "z0",
        "zO",
        "zI",
        "zl",
        "z ",
        "z1\n",
        "z\t2",
        "z2_2",
        "z2\0",
        "z*",
        "z?",
        "z-2",
        "z+2",
        "zก",
        "z\udcda",
    ]
    + ["z" + "1" * (MAX_LENGTH + 1)],
    ids=ascii,
)
def test_what_is_not_multibase_in_base58btc(text: str) -> None:
    with pytest.raises(MultibaseError):
        multibase_decode(text)
