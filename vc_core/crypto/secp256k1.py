"""secp256k1 public keys, which others' DIDs name: read, checked and shown, never used for a signature.

They are a type of their own, apart from `PublicKey`: what takes a `PublicKey` to verify with can't be handed one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from vc_core.crypto.keys import KeyFormatError, is_public_jwk
from vc_core.encoding import base64url_decode, base64url_encode

_CURVE = ec.SECP256K1()
_MULTICODEC = b"\xe7\x01"  # secp256k1-pub 0xe7 as an unsigned varint


@dataclass(frozen=True)
class Secp256k1PublicKey:
    """A point of secp256k1: `raw` is its compressed SEC1 form, 33 bytes. Raises `KeyFormatError` for other bytes."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != 33:
            raise KeyFormatError("wrong length of a public key")
        self._point()

    def _point(self) -> ec.EllipticCurvePublicKey:
        try:
            return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, self.raw)
        except ValueError as cause:
            raise KeyFormatError("not a point of secp256k1") from cause

    def to_jwk(self) -> dict[str, str]:
        """The key as a public JWK (RFC 8812 section 3.1), required members only."""
        numbers = self._point().public_numbers()
        x, y = (base64url_encode(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "secp256k1", "x": x, "y": y}

    @classmethod
    def from_jwk(cls, jwk: Any) -> Secp256k1PublicKey:
        """A public JWK to a key; refuses private members and other curves. Raises `KeyFormatError`."""
        if not is_public_jwk(jwk) or (jwk.get("kty"), jwk.get("crv")) != ("EC", "secp256k1"):
            raise KeyFormatError("not a public JWK of secp256k1")
        try:
            x, y = base64url_decode(jwk["x"]), base64url_decode(jwk["y"])
            if len(x) != 32 or len(y) != 32:
                raise KeyFormatError("a coordinate of secp256k1 is 32 bytes")
            ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, b"\x04" + x + y)
        except (KeyError, TypeError, ValueError) as cause:
            raise KeyFormatError("a JWK with bad members") from cause
        return cls(bytes([2 + (y[-1] & 1)]) + x)

    def to_multikey(self) -> bytes:
        """Multicodec prefix and raw key, before multibase."""
        return _MULTICODEC + self.raw

    @classmethod
    def from_multikey(cls, value: bytes) -> Secp256k1PublicKey:
        """The reverse of `to_multikey`. Raises `KeyFormatError`."""
        if not value.startswith(_MULTICODEC):
            raise KeyFormatError("a multikey of another kind")
        return cls(value[len(_MULTICODEC) :])
