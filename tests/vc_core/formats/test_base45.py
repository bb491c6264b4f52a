"""Base45: the examples of RFC 9285, what must be refused, and that there is one text for all bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc_core.formats.base45 import Base45Error, base45_decode, base45_encode

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"AB", "BB8"),  # RFC 9285 section 4.3
        (b"Hello!!", "%69 VD92EX0"),
        (b"base-45", "UJCLQE7W581"),
        (b"ietf!", "QED8WEX0"),  # section 4.4
        (b"\xff\xff", "FGW"),
        (b"\xff", "U5"),
        (b"\x00", "00"),
        (b"\x00\x00", "000"),
    ],
)
def test_encodes_and_decodes_the_examples(data: bytes, text: str) -> None:
    assert base45_encode(data) == text
    assert base45_decode(text) == data


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "BB8A",
        "bb8",
        "BB8\n",
        "BB_",
        "GGW",
        ":::",
        "000GGW",
        "V5",
        "::",
        "000::",
        "BBé",
        "BB\ud800",
        "ＢＢ８",
        "\x00BB",
    ],
)
def test_refuses_other_characters_lengths_and_numbers(text: str) -> None:
    with pytest.raises(Base45Error):
        base45_decode(text)


def test_an_error_holds_nothing_of_the_text() -> None:
    with pytest.raises(Base45Error) as caught:
        base45_decode("secret")
    assert "secret" not in str(caught.value)


@given(st.binary(max_size=600))
def test_decodes_what_it_encodes(data: bytes) -> None:
    text = base45_encode(data)
    assert base45_decode(text) == data
    assert not text.endswith(" ")


@given(st.one_of(st.text(ALPHABET, max_size=60), st.text(max_size=60)))
def test_no_two_texts_decode_to_the_same_bytes(text: str) -> None:
    try:
        data = base45_decode(text)
    except Base45Error:
        return
    assert base45_encode(data) == text


def test_decodes_every_pair_of_bytes() -> None:
    data = b"".join(number.to_bytes(2, "big") for number in range(65_536))
    assert base45_decode(base45_encode(data)) == data
