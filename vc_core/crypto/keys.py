"""Keys: what signs and what checks a signature, whatever the envelope (JOSE or COSE).

Two algorithms of ours: ES256 (ECDSA on P-256 with SHA-256), which phones' secure hardware has, and EdDSA (Ed25519). A
third, ES384 (P-384 with SHA-384), is for W3C credentials of others: no message of our own protocols is signed with it.
Signatures are raw on both sides: `r || s` of 64 or 96 bytes for ECDSA (RFC 7518 section 3.4), 64 bytes for Ed25519
(RFC 8032). ECDSA is AWS-LC's, by way of `awscrt`, Ed25519 libsodium's, by way of PyNaCl: each the quickest there is
(decision 37). `cryptography` makes keys, reads and writes their files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from awscrt.crypto import EC, ECRawSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from gmpy2 import powmod
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
    """An elliptic curve for ECDSA, y² = x³ - 3x + `b` modulo `p` (FIPS 186-5, SP 800-186), and its hash function.

    `size` is the length of a coordinate in bytes. `spki` is what a SubjectPublicKeyInfo (RFC 5480) has before the two
    coordinates of an uncompressed point.
    """

    name: str
    curve: ec.EllipticCurve
    hash: Callable[[bytes], hashlib._Hash]
    size: int
    spki: bytes
    p: int
    b: int


_P256 = _Curve(
    name="P-256",
    curve=ec.SECP256R1(),
    hash=hashlib.sha256,
    size=32,
    spki=bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"),
    p=2**256 - 2**224 + 2**192 + 2**96 - 1,
    b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
)
_P384 = _Curve(
    name="P-384",
    curve=ec.SECP384R1(),
    hash=hashlib.sha384,
    size=48,
    spki=bytes.fromhex("3076301006072a8648ce3d020106052b8104002203620004"),
    p=2**384 - 2**128 - 2**96 + 2**32 - 1,
    b=0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
)
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

    def __init__(self, algorithm: Algorithm, raw: bytes, *, deferred: bool = False) -> None:
        """Raises `KeyFormatError` where `raw` is not a point of the curve, which costs half a verification to find out.

        `deferred` puts that off until the key is used: then no signature will fit instead.
        """
        self.algorithm = algorithm
        self.raw = raw
        if len(raw) != _RAW_LENGTH[algorithm]:
            raise KeyFormatError("wrong length of a public key")
        if algorithm is not Algorithm.EDDSA and not deferred:
            self._ecdsa = _load_point(_CURVES[algorithm], raw[1:], self._y)

    @classmethod
    def from_coordinates(cls, x: bytes, y: bytes) -> PublicKey:
        """A point of P-256 by both its coordinates, 32 bytes each. Raises `KeyFormatError`."""
        if len(x) != 32 or len(y) != 32:
            raise KeyFormatError("a coordinate of P-256 is 32 bytes")
        key = cls(Algorithm.ES256, (b"\x03" if y[-1] & 1 else b"\x02") + x, deferred=True)
        key._y, key._ecdsa = y, _load_point(_P256, x, y)
        return key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and (self.algorithm, self.raw) == (other.algorithm, other.raw)

    def __hash__(self) -> int:
        return hash((self.algorithm, self.raw))

    def __repr__(self) -> str:
        return f"PublicKey({self.algorithm}, {self.raw.hex()})"

    @cached_property
    def _y(self) -> bytes:
        """The other coordinate of the compressed point (SEC 1 section 2.3.4); some number where `raw` is none."""
        curve = _CURVES[self.algorithm]
        if self.raw[0] not in (2, 3):
            raise KeyFormatError(f"not a compressed point of {curve.name}")
        x = int.from_bytes(self.raw[1:], "big")
        y = int(powmod(x**3 - 3 * x + curve.b, (curve.p + 1) // 4, curve.p))  # a square root, since p = 3 mod 4
        return (y if y & 1 == self.raw[0] & 1 else curve.p - y).to_bytes(curve.size, "big")

    @cached_property
    def _ecdsa(self) -> EC:
        return _load_point(_CURVES[self.algorithm], self.raw[1:], self._y)

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
                return
            curve = _CURVES[self.algorithm]
            der = EC.encode_raw_signature(ECRawSignature(signature[: curve.size], signature[curve.size :]))
            fits = self._ecdsa.verify(curve.hash(message).digest(), der)
        except (BadSignatureError, ValueError) as cause:
            raise SignatureInvalid("the signature does not fit") from cause
        if fits is not True:
            raise SignatureInvalid("the signature does not fit")

    def to_jwk(self) -> dict[str, str]:
        """The key as a public JWK (RFC 7517), required members only."""
        if self.algorithm is Algorithm.EDDSA:
            return {"kty": "OKP", "crv": "Ed25519", "x": base64url_encode(self.raw)}
        x, y = base64url_encode(self.raw[1:]), base64url_encode(self._y)
        return {"kty": "EC", "crv": _CURVES[self.algorithm].name, "x": x, "y": y}

    @classmethod
    def from_jwk(cls, jwk: Any) -> PublicKey:
        """A public JWK to a key of `OUR_ALGORITHMS`; refuses others and private members. Raises `KeyFormatError`."""
        if not is_public_jwk(jwk):
            raise KeyFormatError("not a public JWK")
        try:
            match jwk.get("kty"), jwk.get("crv"):
                case "EC", "P-256":
                    return cls.from_coordinates(base64url_decode(jwk["x"]), base64url_decode(jwk["y"]))
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


def _load_point(curve: _Curve, x: bytes, y: bytes) -> EC:
    try:
        return EC.new_key_from_der_data(curve.spki + x + y)
    except RuntimeError as cause:
        raise KeyFormatError(f"not a point of {curve.name}") from cause


def _compressed(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def _load_private_key(private_key: ec.EllipticCurvePrivateKey) -> EC:
    return EC.new_key_from_der_data(
        private_key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )


def _raw_signature(ecdsa: EC, message: bytes, curve: _Curve) -> bytes:
    signature: bytes = EC.decode_der_signature_to_padded_pair(ecdsa.sign(curve.hash(message).digest()), curve.size)
    return signature


class P256Signer:
    """A P-256 private key in memory; signs with ES256."""

    def __init__(self, private_key: ec.EllipticCurvePrivateKey) -> None:
        self._private_key = private_key
        self._ecdsa = _load_private_key(private_key)
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
        return _raw_signature(self._ecdsa, message, _P256)


class P384Signer:
    """A P-384 private key in memory; signs Data Integrity proofs as others' issuers do."""

    def __init__(self, private_key: ec.EllipticCurvePrivateKey) -> None:
        self._private_key = private_key
        self._ecdsa = _load_private_key(private_key)
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
        return _raw_signature(self._ecdsa, message, _P384)


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
        key = load_pem_private_key(pem, password=None)
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
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
