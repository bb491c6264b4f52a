"""Answers to a desk's challenge with one fault each: what is encrypted, how, and what is in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.mutants import world
from tests.mutants.family import Family, Mutant, named
from tests.support.desk_forge import (
    CHALLENGE,
    DESK_DID,
    DESK_KEY,
    NONCE,
    forge_answer,
    forge_card,
    forge_shown,
)
from tests.support.qr_forge import PRESENTED_AT, REMOVE, forge_bytes, raw
from tests.support.verification import HOLDER, POLICY, STRANGER, verify
from vc_core.crypto.cose import to_cose_key
from vc_core.crypto.jwe import EncryptionKey
from vc_core.crypto.keys import Ed25519Signer
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.base45 import base45_decode
from vc_core.formats.desk_challenge import parse_answer

POLICY_OF_ANSWER = replace(
    POLICY,
    audiences=frozenset({DESK_DID}),
    audience_needed=True,
    expected_nonce=CHALLENGE.nonce,
    presentation_lifetime=180,
    printed_cards=True,
)
_GOOD = forge_answer()
_OTHER_KEY = EncryptionKey.from_bytes(bytes([11]) * 32)
_CARD = base45_decode(forge_card().removeprefix("SBP1:"))

_MALFORMED: dict[str, tuple[str, Any, Any]] = {
    "message without alg": ("header", 1, REMOVE),
    "message with A256GCM": ("header", 1, 3),
    "message with AES-CCM": ("header", 1, 10),
    "message with alg none [J1]": ("header", 1, "none"),
    "message with alg in a longer form": ("header", 1, raw("1801")),
    "message with crit [J4]": ("header", 2, [1]),
    "message with another member in its header": ("header", 3, 0),
    "message without an initialization vector": ("unprotected", 5, REMOVE),
    "message with an initialization vector of 11 bytes": ("unprotected", 5, bytes(11)),
    "message with a partial initialization vector": ("unprotected", 6, bytes(4)),
    "message without ciphertext": ("parts", 2, None),
    "message with a ciphertext of 15 bytes": ("parts", 2, bytes(15)),
    "message to nobody": ("parts", 3, []),
    "message with a fifth part": ("parts", 4, 0),
    "recipient with ECDH-SS": ("recipient", 0, bytes.fromhex("a101381a")),
    "recipient with a wrapped key": ("recipient", 0, bytes.fromhex("a101381c")),
    "recipient with a key in it": ("recipient", 2, bytes(16)),
    "recipient with recipients of its own": ("recipient", 3, []),
    "recipient without the sender's key": ("to", -1, REMOVE),
    "recipient without kid": ("to", 4, REMOVE),
    "recipient with a short kid": ("to", 4, CHALLENGE.key_id[:7]),
    "recipient with a kid that is a text": ("to", 4, "12345678"),
    "recipient with a salt": ("to", -20, bytes(32)),
    "sender's key of Ed25519": ("to", -1, to_cose_key(Ed25519Signer(bytes(32)).public_key)),
    "sender's key with a private member [J12]": ("cose_key", -4, bytes(32)),
    "sender's key off the curve [V5]": ("cose_key", -2, b"\xff" * 32),
}
_SHOWN: dict[str, tuple[bytes, ReasonCode]] = {
    "a printed card in it": (_CARD, ReasonCode.MALFORMED),
    "nothing but zeros in it": (bytes(400), ReasonCode.MALFORMED),
    "a proof with exp in it": (forge_shown("proof_payload", 4, PRESENTED_AT + 60), ReasonCode.MALFORMED),
    "a proof by another key in it": (forge_shown("signers", "proof", STRANGER), ReasonCode.HOLDER_KEY),
    "a pass of its holder's own in it": (forge_shown("signers", "pass", HOLDER), ReasonCode.BAD_SIGNATURE),
    "a revoked pass in it": (forge_shown("credential", -1, world.REVOKED_INDEX), ReasonCode.REVOKED),
    "a proof for nobody in it": (forge_shown("proof_payload", 3), ReasonCode.WRONG_AUDIENCE),
    "a proof for another desk in it": (forge_shown("proof_payload", 3, DESK_DID + "2"), ReasonCode.WRONG_AUDIENCE),
    "a proof without nonce in it": (forge_shown("proof_payload", 10), ReasonCode.WRONG_AUDIENCE),
    "a proof with another nonce in it [V6]": (
        forge_shown("proof_payload", 10, NONCE[:-1] + b"\x00"), ReasonCode.WRONG_AUDIENCE,
    ),
    "a code that anybody may read in it": (forge_bytes(), ReasonCode.WRONG_AUDIENCE),
    "a proof 31 seconds ahead in it [V6]": (
        forge_shown("proof_payload", 6, PRESENTED_AT + 31), ReasonCode.CLOCK_SKEW,
    ),
    "a proof of before the challenge in it": (
        forge_shown("proof_payload", 6, PRESENTED_AT - 180), ReasonCode.EXPIRED_PRESENTATION,
    ),
}  # fmt: skip
_TEXTS = {
    "encrypted to another key [V5]": (forge_answer(encrypted_to=_OTHER_KEY), ReasonCode.WRONG_AUDIENCE),
    "of another desk's challenge [V6]": (forge_answer("to", 4, bytes(8)), ReasonCode.WRONG_AUDIENCE),
    "with another initialization vector": (forge_answer("unprotected", 5, bytes(12)), ReasonCode.WRONG_AUDIENCE),
    "with another sender's key": (
        forge_answer("to", -1, to_cose_key(_OTHER_KEY.public_key)), ReasonCode.WRONG_AUDIENCE,
    ),
    "cut short": (forge_answer("parts", 2, bytes(64)), ReasonCode.WRONG_AUDIENCE),
    "the tag of COSE_Encrypt0": (forge_answer(tag=b"\xd0"), ReasonCode.MALFORMED),
    "no tag": (forge_answer(tag=b""), ReasonCode.MALFORMED),
    "lower case": (_GOOD.lower().replace("sba1:", "SBA1:"), ReasonCode.MALFORMED),
    "the prefix alone": ("SBA1:", ReasonCode.MALFORMED),
    "a character too long": ("SBA1:" + "0" * 1_496, ReasonCode.TOO_LARGE),
    "a QR pass instead": (f"SB1:{_GOOD[5:]}", ReasonCode.NOT_A_CREDENTIAL),
}  # fmt: skip


async def check(text: str) -> object:
    """What a desk does with the answer to the one challenge that it has open."""
    answer = parse_answer(text)
    if answer.key_id != CHALLENGE.key_id:
        raise Rejection(ReasonCode.WRONG_AUDIENCE, "This answers no question of this desk.")
    return await verify(answer.open(DESK_KEY), policy=POLICY_OF_ANSWER, trust=world.trust(), statuses=world.statuses())


def challenge_answer_family() -> Family:
    """The answer to a desk's challenge, through the whole procedure; `terms` has the desk's private key in hex."""
    opened = {"desk_key": DESK_KEY.to_bytes().hex(), "key_id": CHALLENGE.key_id.hex()}
    return Family(
        "challenge-answer",
        world.terms() | world.policy_terms(POLICY_OF_ANSWER) | opened,
        _GOOD,
        [
            *(Mutant(*named(name), ReasonCode.MALFORMED, forge_answer(*fault)) for name, fault in _MALFORMED.items()),
            *(Mutant(*named(name), code, forge_answer(shown=shown)) for name, (shown, code) in _SHOWN.items()),
            *(Mutant(*named(name), code, text) for name, (text, code) in _TEXTS.items()),
        ],
        check,
    )
