"""The printed card: a QR pass on paper, for people without a phone, with the holder's proof that it may be printed.

Nobody signs afresh from paper. So the holder signs once, at printing: the time, until when the card is good (at most
180 days, and no longer than the pass), and a salted slow hash of a PIN of six digits that the person keeps in mind and
a desk asks for. That the desk can check the PIN without a network means that whoever copies the code can, too: all
million PINs within minutes on a graphics card. What a printed card assures is therefore less, and is shown as such.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

from vc_core.crypto.keys import Signer
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.base45 import base45_decode, base45_encode
from vc_core.formats.credential import PrintedCard, UnverifiedPresentation
from vc_core.formats.cwt import EXP, IAT, Malformed, expect_bytes, expect_members, expect_time
from vc_core.formats.qr_pass import parse_holder_proof, parse_qr_pass, sign_holder_proof

CARD_PREFIX = "SBP1:"
MAX_CARD_LENGTH = 1_200
"""Characters."""
MAX_LIFETIME = 180 * 86_400
SALT_LENGTH = 16
PIN_ROUNDS = 600_000
"""Of PBKDF2 with HMAC-SHA-256: a phone's browser has no slower hash in native code."""

_PIN = -65539
"""A claim for private use: the salt, and the hash of the PIN."""
_TYP_PRINTED_CARD = 65_002
"""Of the CoAP content formats for experiments (RFC 7252 section 12.3), there being none for this."""
_HASH_LENGTH = 16
_PIN_FORM = re.compile(r"[0-9]{6}", re.ASCII)


def create_printed_card(
    qr_pass: bytes, *, holder: Signer, printed_at: int, expires_at: int, pin: str, salt: bytes
) -> str:
    """The text of a printed card's code. Times are seconds since 1970; the PIN is six digits, the salt 16 random bytes.

    It takes a third of a second: call it in a thread where an event loop is running. Raises `ValueError` where the pass
    is none, the key not on P-256, or the PIN, salt or times are not as they have to be.
    """
    ends = parse_qr_pass(qr_pass).expires_at
    if not is_pin(pin) or len(salt) != SALT_LENGTH or not _in_bounds(printed_at, expires_at, ends):
        raise ValueError("a PIN, salt or time that a printed card can't have")
    payload: dict[int, Any] = {EXP: expires_at, IAT: printed_at, _PIN: [salt, hash_pin(pin, salt)]}
    proof = sign_holder_proof(qr_pass, payload, holder=holder, typ=_TYP_PRINTED_CARD)
    return CARD_PREFIX + base45_encode(proof)


def latest_expiry(qr_pass: bytes, *, printed_at: int) -> int:
    """Until when a card printed then may be good at most."""
    return min(printed_at + MAX_LIFETIME, parse_qr_pass(qr_pass).expires_at)


def parse_printed_card(text: str) -> UnverifiedPresentation:
    """The text of a printed card's code, nothing of it verified; white space around it is ignored.

    Raises `Rejection`: `NOT_A_CREDENTIAL`, `TOO_LARGE`, `MALFORMED`.
    """
    text = text.strip()
    if not text.startswith(CARD_PREFIX):
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This is not a printed card.")
    if len(text) > MAX_CARD_LENGTH:
        raise Rejection(ReasonCode.TOO_LARGE, "This is too long for a printed card.")
    try:
        return _parse(base45_decode(text[len(CARD_PREFIX) :]))
    except ValueError as cause:
        raise Rejection(ReasonCode.MALFORMED, "The card is damaged or was not made as it should be.") from cause


def _parse(data: bytes) -> UnverifiedPresentation:
    proof, payload, credential = parse_holder_proof(data, typ=_TYP_PRINTED_CARD)
    expect_members(payload, {EXP, IAT, _PIN})
    printed_at, expires_at, pin = expect_time(payload[IAT]), expect_time(payload[EXP]), payload[_PIN]
    if not _in_bounds(printed_at, expires_at, credential.expires_at):
        raise Malformed("a card that is good for longer than a printed one may be")
    if not isinstance(pin, list) or len(pin) != 2:
        raise Malformed("the salt and the hash of a PIN are two byte strings")
    return UnverifiedPresentation(
        credential,
        presented_at=printed_at,
        audience=None,
        nonce=None,
        digest=hashlib.sha256(proof.message).digest(),
        signed=proof,
        printed=PrintedCard(
            expires_at, expect_bytes(pin[0], length=SALT_LENGTH), expect_bytes(pin[1], length=_HASH_LENGTH)
        ),
    )


def _in_bounds(printed_at: int, expires_at: int, pass_expires_at: int) -> bool:
    return printed_at < expires_at <= min(printed_at + MAX_LIFETIME, pass_expires_at)


def is_pin(pin: str) -> bool:
    """Whether these are the six digits of a PIN."""
    return _PIN_FORM.fullmatch(pin) is not None


def hash_pin(pin: str, salt: bytes) -> bytes:
    """The slow hash that is in the code: 16 bytes."""
    return hashlib.pbkdf2_hmac("sha256", pin.encode("ascii"), salt, PIN_ROUNDS, _HASH_LENGTH)


def verify_pin(card: PrintedCard, pin: str) -> None:
    """Returns where the PIN (six digits) is the card's; takes a third of a second. Raises `Rejection` `WRONG_PIN`."""
    if not hmac.compare_digest(hash_pin(pin, card.salt), card.pin_hash):
        raise Rejection(ReasonCode.WRONG_PIN, "This is not the PIN of this card.")
