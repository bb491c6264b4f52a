"""The reader of the usual layout against the one that decodes part by part: the same passes, and the same refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.qr_forge import CLAIMS, STATUS_URI, as_text, forge_bytes
from tests.support.verification import HOLDER, ISSUER
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.errors import Rejection
from vc_core.formats.base45 import Base45Error, base45_decode
from vc_core.formats.credential import StatusReference
from vc_core.formats.qr_pass import (
    PREFIX,
    create_qr_pass,
    create_qr_presentation,
    parse_part_by_part,
    parse_qr_presentation,
)
from vc_core.formats.qr_pass_layout import find_layout

GOOD = forge_bytes()
VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "mutants" / "qr-pass.json").read_bytes())
MUTANTS = {each["name"]: each["text"] for each in VECTORS["mutants"] if "text" in each}


def _assert_read_alike(data: bytes) -> None:
    try:
        expected = repr(parse_part_by_part(data))
    except ValueError:
        expected = "refused"
    try:
        found = repr(parse_qr_presentation(as_text(data)))
    except Rejection:
        found = "refused"
    assert found == expected


def test_the_usual_presentation_has_the_layout() -> None:
    assert find_layout(GOOD) is not None
    _assert_read_alike(GOOD)


@pytest.mark.parametrize("text", MUTANTS.values(), ids=MUTANTS)
def test_a_mutant_reads_alike(text: str) -> None:
    try:
        data = base45_decode(text.removeprefix(PREFIX))
    except Base45Error:
        return
    _assert_read_alike(data)


@given(st.data())
def test_a_presentation_with_changed_bytes_reads_alike(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(start, min(len(GOOD), start + 3)))
    put = data.draw(st.binary(max_size=3) | st.sampled_from([b"\x18", b"\x19\x00", b"\x1a\x00\x00\x00\x01", b"\xf4"]))
    _assert_read_alike(GOOD[:start] + put + GOOD[end:])


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 7))
def test_a_presentation_with_a_flipped_bit_reads_alike(place: int, bit: int) -> None:
    changed = bytearray(GOOD)
    changed[place] ^= 1 << bit
    _assert_read_alike(bytes(changed))


TIMES = st.integers(0, 2**33)
NUMBERS = st.sampled_from([1, 127, 128, 2**14, 2**62])


@given(
    name=st.text(min_size=1, max_size=30),
    times=st.tuples(TIMES, TIMES, TIMES),
    index=st.integers(0, 2**53),
    key=st.tuples(NUMBERS, NUMBERS),
    audience=st.none() | st.text(min_size=1, max_size=20),
    nonce=st.none() | st.just("c29tZSBub25jZQ"),
)
def test_what_is_issued_and_shown_reads_alike(
    name: str, times: tuple[int, int, int], index: int, key: tuple[int, int], audience: str | None, nonce: str | None
) -> None:
    issued_at, expires_at, presented_at = times
    qr_pass = create_qr_pass(
        INSURANCE_COVERAGE,
        {**CLAIMS, "name": name},
        verification_method=f"did:ethr:0x{key[0]:x}:0x{'1' * 40}#delegate-{key[1]}",
        signer=ISSUER,
        issued_at=issued_at,
        expires_at=expires_at,
        status=StatusReference(STATUS_URI, index),
        holder_key=HOLDER.public_key,
    )
    text = create_qr_presentation(qr_pass, holder=HOLDER, presented_at=presented_at, audience=audience, nonce=nonce)
    data = base45_decode(text.removeprefix(PREFIX))
    usual = audience is nonce is None and min(times) >= 2**16 and max(times) < 2**32
    assert (find_layout(data) is not None) == usual
    _assert_read_alike(data)
