"""Keys: what signs and what checks a signature, whatever the envelope (JOSE or COSE).

Two algorithms: ES256 (ECDSA on P-256 with SHA-256), which phones' secure hardware has, and EdDSA (Ed25519). Signatures
are raw on both sides: `r || s` of 64 bytes for ES256 (RFC 7518 section 3.4), 64 bytes for Ed25519 (RFC 8032).
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from vc_core.encoding import EncodingError, base64url_decode, base64url_encode, compact_json

_CURVE = ec.SECP256R1()
_ECDSA = ec.ECDSA(hashes.SHA256())
_PRIVATE_JWK_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}


class Algorithm(StrEnum):
    """Signature algorithms by their JOSE names (RFC 7518, RFC 8037)."""

    ES256 = "ES256"
    EDDSA = "EdDSA"


# Multicodec prefixes as unsigned varints: p256-pub 0x1200, ed25519-pub 0xed.
_MULTICODEC = {Algorithm.ES256: b"\x80\x24", Algorithm.EDDSA: b"\xed\x01"}
_RAW_LENGTH = {Algorithm.ES256: 33, Algorithm.EDDSA: 32}


class KeyFormatError(ValueError):
    """The bytes or JWK are not a public key that we use."""


class SignatureInvalid(Exception):
    """The signature does not fit the message and key."""


def is_public_jwk(value: Any) -> bool:
    """Whether a JSON value is an object without a member that only a private or secret key has (RFC 7518 section 6)."""
    return isinstance(value, dict) and not _PRIVATE_JWK_MEMBERS & value.keys()


class PublicKey:
    """A public key: `raw` is the compressed SEC1 point (33 bytes) of P-256, or the 32 bytes of Ed25519."""

    def __init__(self, algorithm: Algorithm, raw: bytes, *, point: ec.EllipticCurvePublicKey | None = None) -> None:
        """`point` saves finding it from `raw`. Raises `KeyFormatError` where `raw` is not a point of the curve."""
        self.algorithm = algorithm
        self.raw = raw
        if len(raw) != _RAW_LENGTH[algorithm]:
            raise KeyFormatError("wrong length of a public key")
        if algorithm is Algorithm.ES256:
            self._p256 = point or _decompressed(raw)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and (self.algorithm, self.raw) == (other.algorithm, other.raw)

    def __hash__(self) -> int:
        return hash((self.algorithm, self.raw))

    def __repr__(self) -> str:
        return f"PublicKey({self.algorithm}, {self.raw.hex()})"

    @cached_property
    def _ed25519(self) -> VerifyKey:
        return VerifyKey(self.raw)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Returns when the 64-byte signature is this key's over the message; raises `SignatureInvalid` otherwise."""
        if len(signature) != 64:
            raise SignatureInvalid("a signature is 64 bytes")
        try:
            if self.algorithm is Algorithm.ES256:
                r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
                self._p256.verify(encode_dss_signature(r, s), message, _ECDSA)
            else:
                self._ed25519.verify(message, signature)
        except (InvalidSignature, BadSignatureError, ValueError) as cause:
            raise SignatureInvalid("the signature does not fit") from cause

    def to_jwk(self) -> dict[str, str]:
        """The key as a public JWK (RFC 7517), required members only."""
        if self.algorithm is Algorithm.EDDSA:
            return {"kty": "OKP", "crv": "Ed25519", "x": base64url_encode(self.raw)}
        numbers = self._p256.public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return {"kty": "EC", "crv": "P-256", "x": base64url_encode(x), "y": base64url_encode(y)}

    @classmethod
    def from_jwk(cls, jwk: Any) -> PublicKey:
        """A public JWK to a key; refuses private members and other curves. Raises `KeyFormatError`."""
        if not is_public_jwk(jwk):
            raise KeyFormatError("not a public JWK")
        try:
            match jwk.get("kty"), jwk.get("crv"):
                case "EC", "P-256":
                    x, y = base64url_decode(jwk["x"]), base64url_decode(jwk["y"])
                    if len(x) != 32 or len(y) != 32:
                        raise KeyFormatError("a coordinate of P-256 is 32 bytes")
                    point = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, b"\x04" + x + y)
                    return cls(Algorithm.ES256, bytes([2 + (y[-1] & 1)]) + x, point=point)
                case "OKP", "Ed25519":
                    return cls(Algorithm.EDDSA, base64url_decode(jwk["x"]))
                case _:
                    raise KeyFormatError("a JWK of another kind")
        except (KeyError, TypeError, ValueError, EncodingError) as cause:
            raise KeyFormatError("a JWK with bad members") from cause

    def to_multikey(self) -> bytes:
        """Multicodec prefix and raw key, as a did:ethr attribute holds it (before multibase)."""
        return _MULTICODEC[self.algorithm] + self.raw

    @classmethod
    def from_multikey(cls, value: bytes) -> PublicKey:
        """The reverse of `to_multikey`. Raises `KeyFormatError`."""
        for algorithm, prefix in _MULTICODEC.items():
            if value.startswith(prefix):
                return cls(algorithm, value[len(prefix) :])
        raise KeyFormatError("a multikey of another kind")

    def thumbprint(self) -> str:
        """The JWK thumbprint (RFC 7638), base64url of SHA-256."""
        return base64url_encode(hashlib.sha256(compact_json(dict(sorted(self.to_jwk().items())))).digest())


class Signer(Protocol):
    """What signs: a key in a file in development, in a phone's secure hardware, an HSM or a KMS elsewhere."""

    @property
    def public_key(self) -> PublicKey:
        """The public half."""

    def sign(self, message: bytes) -> bytes:
        """The raw 64-byte signature over the message."""


def _decompressed(raw: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, raw)
    except ValueError as cause:
        raise KeyFormatError("not a point of P-256") from cause


def _compressed(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)


class P256Signer:
    """A P-256 private key in memory; signs with ES256."""

    def __init__(self, private_key: ec.EllipticCurvePrivateKey) -> None:
        self._private_key = private_key
        self.public_key = PublicKey(Algorithm.ES256, _compressed(private_key.public_key()))

    @classmethod
    def generate(cls) -> P256Signer:
        """A fresh key from the operating system's randomness."""
        return cls(ec.generate_private_key(_CURVE))

    @classmethod
    def from_bytes(cls, scalar: bytes) -> P256Signer:
        """From the 32-byte private scalar; raises `ValueError` where it is out of range."""
        return cls(ec.derive_private_key(int.from_bytes(scalar, "big"), _CURVE))

    def to_bytes(self) -> bytes:
        """The 32-byte private scalar: for an encrypted store only."""
        return self._private_key.private_numbers().private_value.to_bytes(32, "big")

    def sign(self, message: bytes) -> bytes:
        """`r || s`, 64 bytes."""
        r, s = decode_dss_signature(self._private_key.sign(message, _ECDSA))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Ed25519Signer:
    """An Ed25519 private key in memory; signs with EdDSA (PyNaCl, twice as fast as the alternative)."""

    def __init__(self, seed: bytes) -> None:
        """`seed`: the 32 bytes of RFC 8032."""
        self._signing_key = SigningKey(seed)
        self.public_key = PublicKey(Algorithm.EDDSA, bytes(self._signing_key.verify_key))

    @classmethod
    def generate(cls) -> Ed25519Signer:
        """A fresh key from the operating system's randomness."""
        return cls(bytes(SigningKey.generate()))

    def to_bytes(self) -> bytes:
        """The 32-byte seed: for a key file only."""
        return bytes(self._signing_key)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature."""
        return self._signing_key.sign(message).signature


def load_signer(pem: bytes) -> P256Signer | Ed25519Signer:
    """A signer from an unencrypted PKCS#8 PEM, as key files hold it. Raises `KeyFormatError`."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (TypeError, ValueError) as cause:
        raise KeyFormatError("not an unencrypted PKCS#8 key") from cause
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return P256Signer(key)
    if isinstance(key, Ed25519PrivateKey):
        return Ed25519Signer(key.private_bytes_raw())
    raise KeyFormatError("a private key of another kind")


def signer_to_pem(signer: P256Signer | Ed25519Signer) -> bytes:
    """The reverse of `load_signer`."""
    key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey
    if isinstance(signer, P256Signer):
        key = ec.derive_private_key(int.from_bytes(signer.to_bytes(), "big"), _CURVE)
    else:
        key = Ed25519PrivateKey.from_private_bytes(signer.to_bytes())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
