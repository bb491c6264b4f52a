"""COSE_Encrypt (RFC 9052 section 5), one kind only: ECDH-ES + HKDF-256 on P-256, straight to a key for A128GCM.

The sender makes a key pair for each message; its public half is in the message, and both sides derive the same content
key from the two pairs (RFC 9053 section 6.3.1, context of section 5.2, no salt). One recipient, whose key `kid` names.
As with any encryption to a public key, the message tells nothing of who sent it.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vc_core.crypto.cbor import CborError, decode_cbor, encode_cbor
from vc_core.crypto.cose import KID, CoseError, from_cose_key, to_cose_key
from vc_core.crypto.jwe import EncryptionKey
from vc_core.crypto.keys import Algorithm, PublicKey

IV_LENGTH = 12
"""Bytes of the initialization vector of AES-GCM (RFC 9053 section 4.1)."""

_TAG = b"\xd8\x60"  # 96
_IV, _EPHEMERAL_KEY = 5, -1
_A128GCM = bytes.fromhex("a10101")
"""The protected header: alg 1."""
_ECDH_ES_HKDF_256 = bytes.fromhex("a1013818")
"""The recipient's protected header: alg -25."""
_CONTEXT = bytes.fromhex("840183f6f6f683f6f6f682188044a1013818")
"""COSE_KDF_Context: for alg 1, of two parties that are not named, a key of 128 bits; and the recipient's header."""
_AAD = b"\x83\x67Encrypt\x43" + _A128GCM + b"\x40"
"""Enc_structure (RFC 9052 section 5.3), without external data."""
_TAG_LENGTH = 16


@dataclass(frozen=True)
class UnopenedMessage:
    """A COSE_Encrypt taken apart; `kid` says to whose key."""

    kid: bytes
    initialization_vector: bytes
    ephemeral_key: PublicKey
    ciphertext: bytes

    def open(self, key: EncryptionKey) -> bytes:
        """The plaintext. Raises `CoseError` where it was encrypted to another key, or changed since."""
        try:
            return _cipher(key, self.ephemeral_key).decrypt(self.initialization_vector, self.ciphertext, _AAD)
        except InvalidTag as cause:
            raise CoseError("not encrypted to this key, or changed since") from cause


def encrypt(
    plaintext: bytes, *, recipient: PublicKey, kid: bytes, ephemeral: EncryptionKey, initialization_vector: bytes
) -> bytes:
    """A COSE_Encrypt, with tag 96 in front, to a P-256 key. `ephemeral` is for this one message only."""
    ciphertext = _cipher(ephemeral, recipient).encrypt(initialization_vector, plaintext, _AAD)
    to = [_ECDH_ES_HKDF_256, {_EPHEMERAL_KEY: to_cose_key(ephemeral.public_key), KID: kid}, b""]
    return _TAG + encode_cbor([_A128GCM, {_IV: initialization_vector}, ciphertext, [to]])


def parse_encrypt(data: bytes) -> UnopenedMessage:
    """A COSE_Encrypt of our kind with its tag. Raises `CoseError`, `KeyFormatError` where the key is off the curve."""
    if not data.startswith(_TAG):
        raise CoseError("without the tag of a COSE_Encrypt")
    try:
        match decode_cbor(data[len(_TAG) :]):
            case [bytes() as header, {5: bytes(iv), **rest}, bytes(ciphertext), [[bytes() as to, dict(named), b""]]]:
                pass
            case _:
                raise CoseError("not the parts of a COSE_Encrypt to one recipient")
    except CborError as cause:
        raise CoseError("not CBOR that we take") from cause
    if rest or (header, to) != (_A128GCM, _ECDH_ES_HKDF_256) or named.keys() != {_EPHEMERAL_KEY, KID}:
        raise CoseError("an algorithm or a header member that we do not use")
    if len(iv) != IV_LENGTH or len(ciphertext) < _TAG_LENGTH or not isinstance(named[KID], bytes):
        raise CoseError("a part of the COSE_Encrypt is not of its form")
    ephemeral = from_cose_key(named[_EPHEMERAL_KEY])
    if ephemeral.algorithm is not Algorithm.ES256:
        raise CoseError("the sender's key is of another curve")
    return UnopenedMessage(named[KID], iv, ephemeral, ciphertext)


def _cipher(own: EncryptionKey, other: PublicKey) -> AESGCM:
    private = ec.derive_private_key(int.from_bytes(own.to_bytes(), "big"), ec.SECP256R1())
    shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), other.raw))
    return AESGCM(HKDF(SHA256(), 16, salt=None, info=_CONTEXT).derive(shared))
