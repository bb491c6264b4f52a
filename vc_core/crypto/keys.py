"""Keys: what signs and what checks a signature, whatever the envelope (JOSE or COSE).

Two algorithms of ours: ES256 (ECDSA on P-256 with SHA-256), which phones' secure hardware has, and EdDSA (Ed25519). A
third, ES384 (P-384 with SHA-384), is for W3C credentials of others: no message of our own protocols is signed with it.
Signatures are raw on both sides: `r || s` of 64 or 96 bytes for ECDSA (RFC 7518 section 3.4), 64 bytes for Ed25519
(RFC 8032).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
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

_PRIVATE_JWK_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}


class Algorithm(StrEnum):
    """Signature algorithms by their JOSE names (RFC 7518, RFC 8037)."""

    ES256 = "ES256"
    ES384 = "ES384"
    EDDSA = "EdDSA"


OUR_ALGORITHMS = (Algorithm.ES256, Algorithm.EDDSA)
"""What JOSE and COSE messages of ours are signed with."""


@dataclass(frozen=True)
class _Curve:
    """An elliptic curve for ECDSA; `size` is the length of a coordinate in bytes."""

    name: str
    curve: ec.EllipticCurve
    ecdsa: ec.ECDSA
    size: int


_P256 = _Curve("P-256", ec.SECP256R1(), ec.ECDSA(hashes.SHA256()), 32)
_P384 = _Curve("P-384", ec.SECP384R1(), ec.ECDSA(hashes.SHA384()), 48)
_CURVES = {Algorithm.ES256: _P256, Algorithm.ES384: _P384}

# Multicodec prefixes as unsigned varints: p256-pub 0x1200, p384-pub 0x1201, ed25519-pub 0xed.
_MULTICODEC = {Algorithm.ES256: b"\x80\x24", Algorithm.ES384: b"\x81\x24", Algorithm.EDDSA: b"\xed\x01"}
_RAW_LENGTH = {Algorithm.ES256: 33, Algorithm.ES384: 49, Algorithm.EDDSA: 32}
_SIGNATURE_LENGTH = {Algorithm.ES256: 64, Algorithm.ES384: 96, Algorithm.EDDSA: 64}


class KeyFormatError(ValueError):
    """The bytes or JWK are not a public key that we use."""


class SignatureInvalid(Exception):
    """The signature does not fit the message and key."""


def is_public_jwk(value: Any) -> bool:
    """Whether a JSON value is an object without a member that only a private or secret key has (RFC 7518 section 6)."""
    return isinstance(value, dict) and _PRIVATE_JWK_MEMBERS.isdisjoint(value)


class PublicKey:
    """A public key: `raw` is the compressed SEC1 point of P-256 or P-384 (33, 49 bytes), or the 32 bytes of Ed25519."""

    def __init__(
        self,
        algorithm: Algorithm,
        raw: bytes,
        *,
        point: ec.EllipticCurvePublicKey | None = None,
        y: bytes | None = None,
        deferred: bool = False,
    ) -> None:
        """`point` and its coordinate `y` save finding them from `raw`, which costs half a verification.

        `deferred` puts that off until the key is used. Raises `KeyFormatError` where `raw` is not a point of the curve;
        if deferred, no signature will fit instead.
        """
        self.algorithm = algorithm
        self.raw = raw
        if len(raw) != _RAW_LENGTH[algorithm]:
            raise KeyFormatError("wrong length of a public key")
        if algorithm is not Algorithm.EDDSA:
            self._curve = _CURVES[algorithm]
            self._y = y
            if point is not None:
                self._point = point
            elif not deferred:
                self._point = _decompressed(raw, self._curve)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and (self.algorithm, self.raw) == (other.algorithm, other.raw)

    def __hash__(self) -> int:
        return hash((self.algorithm, self.raw))

    def __repr__(self) -> str:
        return f"PublicKey({self.algorithm}, {self.raw.hex()})"

    @cached_property
    def _point(self) -> ec.EllipticCurvePublicKey:
        return _decompressed(self.raw, self._curve)

    @cached_property
    def _ed25519(self) -> VerifyKey:
        return VerifyKey(self.raw)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Returns when the raw signature is this key's over the message; raises `SignatureInvalid` otherwise."""
        if len(signature) != _SIGNATURE_LENGTH[self.algorithm]:
            raise SignatureInvalid("a signature of another length than the algorithm's")
        try:
            if self.algorithm is Algorithm.EDDSA:
                self._ed25519.verify(message, signature)
            else:
                size = self._curve.size
                r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
                self._point.verify(encode_dss_signature(r, s), message, self._curve.ecdsa)
        except (InvalidSignature, BadSignatureError, ValueError) as cause:
            raise SignatureInvalid("the signature does not fit") from cause

    def to_jwk(self) -> dict[str, str]:
        """The key as a public JWK (RFC 7517), required members only."""
        if self.algorithm is Algorithm.EDDSA:
            return {"kty": "OKP", "crv": "Ed25519", "x": base64url_encode(self.raw)}
        y = self._y or self._point.public_numbers().y.to_bytes(self._curve.size, "big")
        return {"kty": "EC", "crv": self._curve.name, "x": base64url_encode(self.raw[1:]), "y": base64url_encode(y)}

    @classmethod
    def from_jwk(cls, jwk: Any) -> PublicKey:
        """A public JWK to a key of `OUR_ALGORITHMS`; refuses others and private members. Raises `KeyFormatError`."""
        if not is_public_jwk(jwk):
            raise KeyFormatError("not a public JWK")
        try:
            match jwk.get("kty"), jwk.get("crv"):
                case "EC", "P-256":
                    x, y = base64url_decode(jwk["x"]), base64url_decode(jwk["y"])
                    if len(x) != 32 or len(y) != 32:
                        raise KeyFormatError("a coordinate of P-256 is 32 bytes")
                    point = ec.EllipticCurvePublicKey.from_encoded_point(_P256.curve, b"\x04" + x + y)
                    return cls(Algorithm.ES256, bytes([2 + (y[-1] & 1)]) + x, point=point, y=y)
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
    def from_multikey(cls, value: bytes, *, deferred: bool = False) -> PublicKey:
        """The reverse of `to_multikey`; `deferred` as in the constructor. Raises `KeyFormatError`."""
        for algorithm, prefix in _MULTICODEC.items():
            if value.startswith(prefix):
                return cls(algorithm, value[len(prefix) :], deferred=deferred)
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
        """The raw signature over the message, as `PublicKey.verify` takes it."""


def _decompressed(raw: bytes, curve: _Curve) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve.curve, raw)
    except ValueError as cause:
        raise KeyFormatError(f"not a point of {curve.name}") from cause


def _compressed(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)


def _raw_signature(private_key: ec.EllipticCurvePrivateKey, message: bytes, curve: _Curve) -> bytes:
    r, s = decode_dss_signature(private_key.sign(message, curve.ecdsa))
    return r.to_bytes(curve.size, "big") + s.to_bytes(curve.size, "big")


class P256Signer:
    """A P-256 private key in memory; signs with ES256."""

    def __init__(self, private_key: ec.EllipticCurvePrivateKey) -> None:
        self._private_key = private_key
        self.public_key = PublicKey(Algorithm.ES256, _compressed(private_key.public_key()))

    @classmethod
    def generate(cls) -> P256Signer:
        """A fresh key from the operating system's randomness."""
        return cls(ec.generate_private_key(_P256.curve))

    @classmethod
    def from_bytes(cls, scalar: bytes) -> P256Signer:
        """From the 32-byte private scalar; raises `ValueError` where it is out of range."""
        return cls(ec.derive_private_key(int.from_bytes(scalar, "big"), _P256.curve))

    def to_bytes(self) -> bytes:
        """The 32-byte private scalar: for an encrypted store only."""
        return self._private_key.private_numbers().private_value.to_bytes(32, "big")

    def sign(self, message: bytes) -> bytes:
        """`r || s`, 64 bytes."""
        return _raw_signature(self._private_key, message, _P256)


class P384Signer:
    """A P-384 private key in memory; signs Data Integrity proofs as others' issuers do."""

    def __init__(self, private_key: ec.EllipticCurvePrivateKey) -> None:
        self._private_key = private_key
        self.public_key = PublicKey(Algorithm.ES384, _compressed(private_key.public_key()))

    @classmethod
    def generate(cls) -> P384Signer:
        """A fresh key from the operating system's randomness."""
        return cls(ec.generate_private_key(_P384.curve))

    @classmethod
    def from_bytes(cls, scalar: bytes) -> P384Signer:
        """From the 48-byte private scalar; raises `ValueError` where it is out of range."""
        return cls(ec.derive_private_key(int.from_bytes(scalar, "big"), _P384.curve))

    def sign(self, message: bytes) -> bytes:
        """`r || s`, 96 bytes."""
        return _raw_signature(self._private_key, message, _P384)


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
        key = ec.derive_private_key(int.from_bytes(signer.to_bytes(), "big"), _P256.curve)
    else:
        key = Ed25519PrivateKey.from_private_bytes(signer.to_bytes())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
