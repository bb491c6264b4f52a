"""A desk's challenge, a phone's answer and a printed card in their parts, made with fixed keys: one is replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.keys import RepeatableSigner
from tests.support.qr_forge import PRESENTED_AT, REMOVE, encode, forge_bytes
from vc_core.crypto.cose import to_cose_key
from vc_core.crypto.cose_encrypt import encrypt
from vc_core.crypto.jwe import EncryptionKey
from vc_core.formats.base45 import base45_encode
from vc_core.formats.desk_challenge import ANSWER_PREFIX, CHALLENGE_PREFIX, DeskChallenge
from vc_core.formats.printed_card import CARD_PREFIX, hash_pin
from vc_core.formats.qr_pass import key_id_from_verification_method

DESK_DID = "did:ethr:0x7a69:0x2222222222222222222222222222222222222222"
DESK_METHOD = DESK_DID + "#delegate-4"
DESK = RepeatableSigner.from_bytes(bytes([5]) * 32)
"""Signs the desk's requests."""
DESK_KEY = EncryptionKey.from_bytes(bytes([6]) * 32)
"""The answer is encrypted to it."""
EPHEMERAL = EncryptionKey.from_bytes(bytes([7]) * 32)
IV = bytes([8]) * 12
NONCE = bytes([9]) * 16
CHALLENGE = DeskChallenge(DESK_DID, "CQkJCQkJCQkJCQkJCQkJCQ", DESK_KEY.public_key, PRESENTED_AT + 170)

PIN = "140326"
SALT = bytes([10]) * 16
PRINTED_AT = PRESENTED_AT - 1_000
CARD_EXPIRES_AT = PRINTED_AT + 180 * 86_400
_CARD = {4: CARD_EXPIRES_AT, 6: PRINTED_AT, -65539: [SALT, hash_pin(PIN, SALT)]}


def forge_challenge(part: str = "", key: Any = None, value: Any = REMOVE, *, signed: bool = True) -> str:
    """The good challenge with one member of `header`, `payload`, `cose_key` or `parts` (of an array) replaced."""
    payload = {4: CHALLENGE.expires_at, 10: NONCE, -65538: _put(part == "cose_key", _KEY, key, value)}
    if not signed:
        return CHALLENGE_PREFIX + base45_encode(encode(_put(part == "payload", {1: DESK_DID, **payload}, key, value)))
    header = {1: -7, 4: key_id_from_verification_method(DESK_METHOD), 16: 65_001}
    parts = [encode(_put(part == "header", header, key, value)), encode(_put(part == "payload", payload, key, value))]
    signature = DESK.sign(encode(["Signature1", parts[0], b"", parts[1]]))
    array = list(_put(part == "parts", {0: parts[0], 1: {}, 2: parts[1], 3: signature}, key, value).values())
    return CHALLENGE_PREFIX + base45_encode(b"\xd2" + encode(array))


def forge_shown(part: str = "", key: Any = None, value: Any = REMOVE) -> bytes:
    """What is in the good answer, with one member replaced as in `forge_bytes`."""
    return forge_bytes(part, key, value, payload={3: DESK_DID, 6: PRESENTED_AT, 10: NONCE})


def forge_answer(
    part: str = "",
    key: Any = None,
    value: Any = REMOVE,
    *,
    shown: bytes | None = None,
    encrypted_to: EncryptionKey = DESK_KEY,
    tag: bytes = b"\xd8\x60",
) -> str:
    """The good answer with one member of `header`, `unprotected`, `parts`, `recipient` or `to` replaced."""
    message = encrypt(
        shown or forge_shown(),
        recipient=encrypted_to.public_key,
        kid=CHALLENGE.key_id,
        ephemeral=EPHEMERAL,
        initialization_vector=IV,
    )
    ciphertext = message[message.index(IV) + len(IV) + 3 : -_RECIPIENT_LENGTH]
    to = {-1: _put(part == "cose_key", to_cose_key(EPHEMERAL.public_key), key, value), 4: CHALLENGE.key_id}
    recipient = {0: bytes.fromhex("a1013818"), 1: _put(part == "to", to, key, value), 2: b""}
    parts = {
        0: encode(_put(part == "header", {1: 1}, key, value)),
        1: _put(part == "unprotected", {5: IV}, key, value),
        2: ciphertext,
        3: [list(_put(part == "recipient", recipient, key, value).values())],
    }
    array = list(_put(part == "parts", parts, key, value).values())
    return ANSWER_PREFIX + base45_encode(tag + encode(array))


def forge_card(part: str = "", key: Any = None, value: Any = REMOVE) -> str:
    """The good printed card with one member replaced as in `forge_bytes`."""
    return CARD_PREFIX + base45_encode(forge_bytes(part, key, value, payload=_CARD, typ=65_002))


_KEY = to_cose_key(DESK_KEY.public_key, compressed=False)
_RECIPIENT_LENGTH = len(
    encode([[bytes.fromhex("a1013818"), {-1: to_cose_key(EPHEMERAL.public_key), 4: CHALLENGE.key_id}, b""]])
)


def _put(here: bool, members: Mapping[Any, Any], key: Any, value: Any) -> dict[Any, Any]:
    changed = dict(members)
    if here:
        changed.pop(key, None)
        if value is not REMOVE:
            changed[key] = value
    return dict(sorted(changed.items(), key=lambda member: encode(member[0])))
