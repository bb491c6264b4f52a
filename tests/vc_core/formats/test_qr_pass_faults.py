"""QR presentations that are cut, flipped or passed off as something else; `tests/mutants` has the single faults."""

from __future__ import annotations

import pytest

from tests.support.qr_forge import as_text, forge_bytes, pass_in
from tests.support.verification import HOLDER, ISSUER
from vc_core.crypto.cose import to_cose_key
from vc_core.crypto.keys import Ed25519Signer, SignatureInvalid
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.qr_pass import MAX_PASS_LENGTH, parse_qr_pass, parse_qr_presentation

GOOD = forge_bytes()
GOOD_TEXT = as_text(GOOD)
ED25519_KEY = to_cose_key(Ed25519Signer(bytes(32)).public_key)
KID_START = bytes.fromhex("11" * 20)


def reason(text: str) -> ReasonCode:
    with pytest.raises(Rejection) as caught:
        parse_qr_presentation(text)
    assert len(caught.value.message) < 80
    return caught.value.code


@pytest.mark.parametrize("text", ["x" * 8_001, " " * 8_001])
def test_what_no_code_can_hold_is_not_looked_at(text: str) -> None:
    assert reason(text) is ReasonCode.TOO_LARGE


def test_every_beginning_of_a_good_text_is_refused() -> None:
    for length in range(len(GOOD_TEXT)):
        expected = ReasonCode.NOT_A_CREDENTIAL if length < 4 else ReasonCode.MALFORMED
        assert reason(GOOD_TEXT[:length]) is expected


def test_every_flipped_bit_is_malformed_or_breaks_the_signature() -> None:
    for bit in range(8 * len(GOOD)):
        changed = bytearray(GOOD)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((Rejection, SignatureInvalid)) as caught:
            parse_qr_presentation(as_text(bytes(changed))).signed.verify(HOLDER.public_key)
        assert getattr(caught.value, "code", ReasonCode.MALFORMED) is ReasonCode.MALFORMED


def test_an_algorithm_that_is_not_the_issuers_key_breaks_the_signature() -> None:
    # [J3] EdDSA is an algorithm of ours, so the pass parses; it never verifies with a P-256 key.
    parsed = parse_qr_presentation(as_text(forge_bytes("pass_header", 1, -8)))
    with pytest.raises(SignatureInvalid):
        parsed.credential.signed.verify(ISSUER.public_key)


def test_a_pass_alone_is_no_presentation_and_a_presentation_no_pass() -> None:
    # [J9] [S1] Whether a holder's proof is needed is never up to the text.
    qr_pass = pass_in(GOOD)
    assert parse_qr_pass(qr_pass).verification_method
    assert reason(as_text(qr_pass)) is ReasonCode.MALFORMED
    assert reason(as_text(b"\xd2" + qr_pass)) is ReasonCode.MALFORMED
    for data in (GOOD, GOOD[1:], b"\xd2" + qr_pass):
        with pytest.raises(Rejection) as caught:
            parse_qr_pass(data)
        assert caught.value.code is ReasonCode.MALFORMED


def test_a_long_pass_is_too_large() -> None:
    with pytest.raises(Rejection) as caught:
        parse_qr_pass(bytes(MAX_PASS_LENGTH + 1))
    assert caught.value.code is ReasonCode.TOO_LARGE
