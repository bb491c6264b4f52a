"""What a desk and a phone show each other where neither has a network: the desk's challenge and the phone's answer.

The desk's code (`SBC1:`) says who asks, with a nonce and a public key made for this one question. It is a COSE_Sign1 by
the key that the registry has for the desk's requests, whose `kid` names the desk as that of a QR pass names an issuer;
or the bare payload, of a desk without such a key, which then says its own name. The phone's code (`SBA1:`) is a
COSE_Encrypt to that key; in it are the bytes of a QR presentation for that desk, in answer to that nonce. So whoever
photographs the phone reads nothing, and who asks anew needs a new answer. docs/qr-pass.md has both byte by byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vc_core.crypto.cbor import encode_cbor
from vc_core.crypto.cose import ALG, KID, TYP, parse_sign1, sign_sign1, to_cose_key
from vc_core.crypto.cose_encrypt import UnopenedMessage, encrypt, parse_encrypt
from vc_core.crypto.jwe import EncryptionKey
from vc_core.crypto.keys import Algorithm, PublicKey, Signer
from vc_core.encoding import base64url_decode, base64url_encode
from vc_core.errors import InvalidRequest, ReasonCode, Rejection
from vc_core.formats.base45 import base45_decode, base45_encode
from vc_core.formats.credential import SignedBytes, UnverifiedPresentation
from vc_core.formats.cwt import (
    EXP,
    ISS,
    NONCE,
    Malformed,
    expect_bytes,
    expect_members,
    expect_p256_key,
    expect_text,
    expect_time,
    expect_typ,
    parse_map,
    signed_bytes,
)
from vc_core.formats.qr_pass import (
    PREFIX,
    create_qr_presentation,
    key_id_from_verification_method,
    parse_presentation_bytes,
    verification_method_from_key_id,
)

CHALLENGE_PREFIX = "SBC1:"
ANSWER_PREFIX = "SBA1:"
NONCE_LENGTH = 16
MAX_CHALLENGE_LENGTH = 700
MAX_ANSWER_LENGTH = 1_500
"""Characters: what the longest QR pass, encrypted, comes to."""
MAX_AUDIENCE = 200

_KEY = -65538
"""A claim for private use: the COSE_Key that the answer is encrypted to."""
_TYP_CHALLENGE = 65_001
"""Of the CoAP content formats for experiments (RFC 7252 section 12.3), there being none for this."""
_SIGN1_TAG = 0xD2
_KEY_ID_LENGTH = 8


@dataclass(frozen=True)
class DeskChallenge:
    """A desk's question. `audience` is the desk's name (a DID, or its URL), `nonce` is base64url.

    `expires_at` is in seconds since 1970.
    """

    audience: str
    nonce: str
    key: PublicKey
    expires_at: int

    @property
    def key_id(self) -> bytes:
        """By what an answer names the key: the beginning of its x."""
        return self.key.raw[1 : 1 + _KEY_ID_LENGTH]


@dataclass(frozen=True)
class UnverifiedChallenge:
    """A challenge as read, and the key that is said to have signed it; None where nobody has."""

    challenge: DeskChallenge
    verification_method: str | None
    signed: SignedBytes | None


@dataclass(frozen=True)
class UnopenedAnswer:
    """An answer that only the desk's key opens."""

    message: UnopenedMessage

    @property
    def key_id(self) -> bytes:
        """See `DeskChallenge.key_id`."""
        return self.message.kid

    def open(self, key: EncryptionKey) -> UnverifiedPresentation:
        """The presentation inside, nothing of it verified.

        Raises `Rejection`: `WRONG_AUDIENCE` where this key doesn't open it, `MALFORMED`.
        """
        try:
            data = self.message.open(key)
        except ValueError as cause:
            raise Rejection(ReasonCode.WRONG_AUDIENCE, "This was made for another desk, or changed since.") from cause
        try:
            return parse_presentation_bytes(data)
        except ValueError as cause:
            raise Rejection(ReasonCode.MALFORMED, "The answer was not made as it should be.") from cause


def can_sign_challenges(verification_method: str | None) -> bool:
    """Whether a challenge can name this key: one of did:ethr, by its number."""
    try:
        return verification_method is not None and bool(key_id_from_verification_method(verification_method))
    except ValueError:
        return False


def create_challenge(
    challenge: DeskChallenge, *, verification_method: str | None = None, signer: Signer | None = None
) -> str:
    """The text of the desk's code. With a P-256 signer, whose DID URL that is, the desk is named by it alone.

    Raises `ValueError` where the audience is then not that DID, or the key none that a challenge can name.
    """
    payload: dict[int, Any] = {
        EXP: challenge.expires_at,
        NONCE: base64url_decode(challenge.nonce),
        _KEY: to_cose_key(challenge.key, compressed=False),
    }
    if signer is None or verification_method is None:
        return CHALLENGE_PREFIX + base45_encode(encode_cbor({ISS: challenge.audience, **payload}))
    if verification_method.partition("#")[0] != challenge.audience:
        raise ValueError("a challenge is signed by the desk that it names")
    header = {KID: key_id_from_verification_method(verification_method), TYP: _TYP_CHALLENGE}
    return CHALLENGE_PREFIX + base45_encode(sign_sign1(header, encode_cbor(payload), signer, tagged=True))


def parse_challenge(text: str) -> UnverifiedChallenge:
    """The text of a desk's code, nothing of it verified; white space around it is ignored. Raises `InvalidRequest`."""
    text = text.strip() if len(text) <= MAX_CHALLENGE_LENGTH else ""
    if not text.startswith(CHALLENGE_PREFIX):
        raise InvalidRequest("This is not a code that a desk shows.")
    try:
        return _parse_challenge(base45_decode(text[len(CHALLENGE_PREFIX) :]))
    except ValueError as cause:
        raise InvalidRequest("The desk's code is damaged or was not made as it should be.") from cause


def _parse_challenge(data: bytes) -> UnverifiedChallenge:
    if data[:1] != bytes([_SIGN1_TAG]):
        payload = parse_map(data)
        expect_members(payload, {ISS, EXP, NONCE, _KEY})
        audience = expect_text(payload[ISS])
        if len(audience) > MAX_AUDIENCE:
            raise Malformed("a desk's name that is too long")
        return UnverifiedChallenge(_read_payload(payload, audience), None, None)
    token = parse_sign1(data, tagged=True)
    expect_members(token.protected, {ALG, KID, TYP})
    expect_typ(token, _TYP_CHALLENGE)
    if token.algorithm is not Algorithm.ES256:
        raise Malformed("a challenge with another algorithm than ES256")
    payload = parse_map(token.payload)
    expect_members(payload, {EXP, NONCE, _KEY})
    method = verification_method_from_key_id(expect_bytes(token.protected[KID]))
    return UnverifiedChallenge(_read_payload(payload, method.partition("#")[0]), method, signed_bytes(token))


def _read_payload(payload: dict[int, Any], audience: str) -> DeskChallenge:
    key = expect_p256_key(payload[_KEY])
    if payload[_KEY] != to_cose_key(key, compressed=False):
        raise Malformed("a key without y in full")
    return DeskChallenge(
        audience,
        nonce=base64url_encode(expect_bytes(payload[NONCE], length=NONCE_LENGTH)),
        key=key,
        expires_at=expect_time(payload[EXP]),
    )


def create_answer(
    qr_pass: bytes,
    challenge: DeskChallenge,
    *,
    holder: Signer,
    presented_at: int,
    ephemeral: EncryptionKey,
    initialization_vector: bytes,
) -> str:
    """The text of the phone's code: the pass with its holder's proof for this desk, which only this desk can read.

    `ephemeral` (a key) and `initialization_vector` (12 bytes) are random, for this answer only. Raises `ValueError` as
    `create_qr_presentation` does.
    """
    shown = create_qr_presentation(
        qr_pass, holder=holder, presented_at=presented_at, audience=challenge.audience, nonce=challenge.nonce
    )
    message = encrypt(
        base45_decode(shown.removeprefix(PREFIX)),
        recipient=challenge.key,
        kid=challenge.key_id,
        ephemeral=ephemeral,
        initialization_vector=initialization_vector,
    )
    return ANSWER_PREFIX + base45_encode(message)


def is_answer(text: str) -> bool:
    """Whether a text is for `parse_answer`."""
    return text[:64].lstrip().startswith(ANSWER_PREFIX)


def parse_answer(text: str) -> UnopenedAnswer:
    """The text of a phone's answer, not opened yet; white space around it is ignored.

    Raises `Rejection`: `NOT_A_CREDENTIAL`, `TOO_LARGE`, `MALFORMED`.
    """
    if not is_answer(text):
        raise Rejection(ReasonCode.NOT_A_CREDENTIAL, "This is not an answer to a desk's code.")
    text = text.strip()
    if len(text) > MAX_ANSWER_LENGTH:
        raise Rejection(ReasonCode.TOO_LARGE, "This is too long for an answer to a desk's code.")
    try:
        message = parse_encrypt(base45_decode(text[len(ANSWER_PREFIX) :]))
        expect_bytes(message.kid, length=_KEY_ID_LENGTH)
    except ValueError as cause:
        raise Rejection(ReasonCode.MALFORMED, "The answer is damaged or was not made as it should be.") from cause
    return UnopenedAnswer(message)
