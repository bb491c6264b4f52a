"""A desk and a reader of printed cards, written from docs/qr-pass.md alone, on the stranger that reads QR passes.

Nothing of ours is in it.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import ECDH, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.support import qr_stranger as stranger


def read_challenge(text: str) -> dict[str, Any]:
    """A desk's challenge; whoever signed it is not checked yet."""
    text = text.strip(" \t\r\n")
    stranger.require(text.startswith("SBC1:") and len(text) <= 700)
    data = stranger.base45(text[5:])
    found: dict[str, Any] = {"signer": None, "signed": None}
    if data[:1] == b"\xd2":
        header, payload, signature, message = stranger.signed(stranger.Cbor.only(data[1:]))
        protected = stranger.members(stranger.Cbor.only(header), {1, 4, 16})
        stranger.require(type(protected[1]) is int and protected[1] == -7 and isinstance(protected[4], bytes))
        stranger.require(type(protected[16]) is int and protected[16] == 65_001)
        claims = stranger.members(stranger.Cbor.only(payload), {4, 10, -65538})
        found |= {"signer": stranger.key_named(protected[4]), "signed": (message, signature)}
        found["audience"] = str(found["signer"]).partition("#")[0]
    else:
        claims = stranger.members(stranger.Cbor.only(data), {1, 4, 10, -65538})
        stranger.require(isinstance(claims[1], str) and 0 < len(claims[1]) <= 200)
        found["audience"] = claims[1]
    stranger.require(isinstance(claims[10], bytes) and len(claims[10]) == 16)
    found |= {"expires_at": stranger.number(claims[4]), "nonce": urlsafe_b64encode(claims[10]).rstrip(b"=").decode()}
    stranger.require(isinstance(claims[-65538], dict) and isinstance(claims[-65538].get(-3), bytes))
    found["key"] = stranger.holder_key(claims[-65538])
    found["key_id"] = f"{found['key'].public_numbers().x:064x}"[:16]
    return found


def open_answer(text: str, terms: dict[str, Any]) -> bytes:
    """What is in an answer to the challenge whose private key (hex) and key id `terms` has."""
    text = text.strip(" \t\r\n")
    stranger.require(text.startswith("SBA1:"), "NOT_A_CREDENTIAL")
    stranger.require(len(text) <= 1_500, "TOO_LARGE")
    data = stranger.base45(text[5:])
    stranger.require(data[:2] == b"\xd8\x60")
    parts = stranger.Cbor.only(data[2:])
    stranger.require(isinstance(parts, list) and len(parts) == 4 and parts[0] == bytes.fromhex("a10101"))
    iv, ciphertext = stranger.members(parts[1], {5})[5], parts[2]
    stranger.require(
        all(isinstance(part, bytes) for part in (iv, ciphertext)) and len(iv) == 12 and len(ciphertext) >= 16
    )
    stranger.require(isinstance(parts[3], list) and len(parts[3]) == 1 and isinstance(parts[3][0], list))
    recipient = parts[3][0]
    stranger.require(len(recipient) == 3 and (recipient[0], recipient[2]) == (bytes.fromhex("a1013818"), b""))
    to = stranger.members(recipient[1], {-1, 4})
    stranger.require(isinstance(to[4], bytes) and len(to[4]) == 8)
    sender = stranger.holder_key(to[-1])
    stranger.require(to[4].hex() == terms["key_id"], "WRONG_AUDIENCE")
    secret = derive_private_key(int(terms["desk_key"], 16), SECP256R1()).exchange(ECDH(), sender)
    key = HKDF(SHA256(), 16, None, bytes.fromhex("840183f6f6f683f6f6f682188044a1013818")).derive(secret)
    try:
        return AESGCM(key).decrypt(iv, ciphertext, bytes.fromhex("8367456e637279707443a1010140"))
    except InvalidTag:
        raise stranger.Refused("WRONG_AUDIENCE") from None


def read_card(text: str) -> dict[str, Any]:
    """The parts of a printed card; nothing of it is checked yet."""
    text = text.strip(" \t\r\n")
    stranger.require(text.startswith("SBP1:"), "NOT_A_CREDENTIAL")
    stranger.require(len(text) <= 1_200, "TOO_LARGE")
    proof, shown = stranger.read_proof(stranger.base45(text[5:]), 65_002)
    claims = stranger.members(proof, {4, 6, -65539})
    shown |= {
        "presented_at": stranger.number(claims[6]),
        "printed_until": stranger.number(claims[4]),
        "audience": None,
        "nonce": None,
    }
    stranger.require(shown["presented_at"] < shown["printed_until"] <= shown["presented_at"] + 180 * 86_400)
    stranger.require(shown["printed_until"] <= shown["expires_at"] and isinstance(claims[-65539], list))
    stranger.require([type(each) for each in claims[-65539]] == [bytes, bytes])
    stranger.require([len(each) for each in claims[-65539]] == [16, 16])
    return shown | {"pin": claims[-65539]}


def is_pin(card: dict[str, Any], pin: str) -> bool:
    """Whether it is the printed card's PIN."""
    salt, expected = card["pin"]
    return hashlib.pbkdf2_hmac("sha256", pin.encode(), salt, 600_000, 16) == bytes(expected)
