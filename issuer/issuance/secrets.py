"""What bearers hold, and what of it the database keeps.

The secret at the end of an offer's address is all that is random; the pre-authorized code is derived from it. So the
offer can be shown again to whoever has its address, while the database has hashes only and can tell nobody the code.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from vc_core.encoding import base64url_encode

_SECRET_BYTES = 32
_REFERENCE_BYTES = 16
_CODE_LABEL = b"sabai pre-authorized_code"
_STATE_LABEL = b"sabai issuer_state"
_DIGITS = "0123456789"
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without those that people mistake for one another."""


def create_secret(randomness: Callable[[int], bytes]) -> str:
    """A new access token or nonce: 256 bits in base64url."""
    return base64url_encode(randomness(_SECRET_BYTES))


def create_reference(randomness: Callable[[int], bytes]) -> str:
    """The secret in an offer's address: 128 bits in base64url, short enough for a small QR code."""
    return base64url_encode(randomness(_REFERENCE_BYTES))


def create_tx_code(randomness: Callable[[int], bytes], *, numeric: bool = True, length: int = 6) -> str:
    """A new code for people to type, of digits or of capital letters and digits; `length` in characters."""
    alphabet = _DIGITS if numeric else _LETTERS
    number, characters = int.from_bytes(randomness(length + 8), "big"), ""
    for _ in range(length):
        number, place = divmod(number, len(alphabet))
        characters += alphabet[place]
    return characters


def code_of(reference: str) -> str:
    """The pre-authorized code that belongs to an offer's address."""
    return base64url_encode(hmac.digest(reference.encode("utf-8"), _CODE_LABEL, "sha256"))


def issuer_state_of(reference: str) -> str:
    """The `issuer_state` that belongs to an offer's address."""
    return base64url_encode(hmac.digest(reference.encode("utf-8"), _STATE_LABEL, "sha256"))


def hash_of(secret: str) -> str:
    """What the database keeps of a secret too long to guess: SHA-256 in hex digits."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def tx_code_mac(tx_code: str, *, code: str) -> str:
    """What the database keeps of a transaction code, in hex digits.

    Keyed with the pre-authorized code: a plain hash of six digits is undone by hashing all million of them.
    """
    return hmac.digest(code.encode("utf-8"), tx_code.encode("utf-8"), "sha256").hex()
