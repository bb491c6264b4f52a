"""Compact JWE (RFC 7516), one kind only: ECDH-ES on P-256, straight to the key for A128GCM or A256GCM (RFC 7518).

The sender makes a key pair for each message and puts its public half, `epk`, into the header; both sides derive the
same content key from the two pairs. So a message is secret to whoever has the recipient's private key, and tells
nothing of who sent it: what it holds is as untrusted as plain text until a signature or token in it says otherwise.

The arithmetic is joserfc's. What is allowed is decided here, before it: one `alg`, a named `enc`, a `kid` of ours, an
`epk` that is a public P-256 key and a point of the curve (an invalid one would make the recipient leak its own key),
and bounds on every length. `zip` is read up to `MAX_PLAINTEXT`, since few bytes can inflate to very many.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwe, jwk
from joserfc.errors import JoseError

from vc_core.crypto.keys import Algorithm, KeyFormatError, P256Signer, PublicKey
from vc_core.encoding import base64url_decode, base64url_encode, parse_json_object

KEY_MANAGEMENT = "ECDH-ES"
"""The one `alg` (RFC 7518 section 4.6)."""
CONTENT_ENCRYPTION = ("A128GCM", "A256GCM")
"""The `enc` values (RFC 7518 section 5.3)."""
COMPRESSION = "DEF"
"""The one `zip` (RFC 7516 section 4.1.3)."""
MAX_PLAINTEXT = 192 * 1024
"""Bytes of a message, after inflating."""
MAX_JWE_LENGTH = 272 * 1024
"""Characters: the largest message in base64url, a header, and no more."""

_MAX_HEADER = 4 * 1024
_MAX_KID = 512
_MAX_PARTY_INFO = 512
_REFUSED_MEMBERS = frozenset({"crit", "jku", "x5u", "jwk", "x5c", "b64"})


class JweError(ValueError):
    """The text is not a compact JWE that we can read, or the JWK none that we encrypt to."""


class EncryptionKey:
    """A P-256 private key that others encrypt to; kept for as long as an answer may come."""

    def __init__(self, private_key: ec.EllipticCurvePrivateKey) -> None:
        self._scalar = private_key.private_numbers().private_value.to_bytes(32, "big")
        self.public_key = P256Signer(private_key).public_key
        self.kid = self.public_key.thumbprint()

    @classmethod
    def generate(cls) -> EncryptionKey:
        """A fresh key from the operating system's randomness."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_bytes(cls, scalar: bytes) -> EncryptionKey:
        """From the 32-byte private scalar; raises `ValueError` where it is out of range."""
        return cls(ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1()))

    def to_bytes(self) -> bytes:
        """The 32-byte private scalar: for a store only that may hold secrets."""
        return self._scalar

    def to_jwk(self) -> dict[str, str]:
        """The public key as a JWK, with `use`, `alg` and its RFC 7638 thumbprint as `kid`."""
        return {**self.public_key.to_jwk(), "use": "enc", "alg": KEY_MANAGEMENT, "kid": self.kid}

    def _to_joserfc(self) -> jwk.ECKey:
        return jwk.ECKey.import_key({**self.public_key.to_jwk(), "d": base64url_encode(self._scalar)})


@dataclass(frozen=True)
class Recipient:
    """Whom a message is encrypted to; `kid` None where their JWK has none."""

    public_key: PublicKey
    kid: str | None


def parse_recipient(value: Any) -> Recipient:
    """Another side's public JWK: P-256, `alg` ECDH-ES, for encryption if it has a `use`. Raises `JweError`.

    `alg` must be there: OpenID4VCI 1.0 section 10, OpenID4VP 1.0 section 8.3.
    """
    try:
        public_key = PublicKey.from_jwk(value)
    except KeyFormatError as cause:
        raise JweError("not a public key that we encrypt to") from cause
    kid = value.get("kid")
    if public_key.algorithm is not Algorithm.ES256 or value.get("alg") != KEY_MANAGEMENT:
        raise JweError("not a key for ECDH-ES on P-256")
    if value.get("use", "enc") != "enc" or not (kid is None or _is_text(kid, _MAX_KID)):
        raise JweError("not a key for encryption, or with an id that we can't repeat")
    return Recipient(public_key, kid)


def encrypt_jwe(
    plaintext: bytes,
    *,
    recipient: Mapping[str, Any],
    enc: str,
    apu: bytes | None = None,
    apv: bytes | None = None,
    compress: bool = False,
) -> str:
    """A compact JWE to the recipient's public JWK, whose `kid` goes into the header.

    `apu` and `apv` name the two parties as far as they are known (RFC 7518 section 4.6.1). Raises `JweError` where the
    JWK, `enc` or length is none that we take, as `parse_recipient` and `decrypt_jwe` do.
    """
    if enc not in CONTENT_ENCRYPTION:
        raise JweError("a content encryption that we do not use")
    if len(plaintext) > MAX_PLAINTEXT:
        raise JweError("too long for a JWE")
    to = parse_recipient(recipient)
    header = {"alg": KEY_MANAGEMENT, "enc": enc}
    parties = {name: base64url_encode(value) for name, value in (("apu", apu), ("apv", apv)) if value is not None}
    header |= parties | ({} if to.kid is None else {"kid": to.kid}) | ({"zip": COMPRESSION} if compress else {})
    key = jwk.ECKey.import_key({**to.public_key.to_jwk()})
    return jwe.encrypt_compact(header, plaintext, key, registry=_registry([enc]))


def decrypt_jwe(
    text: str | bytes, *, keys: Mapping[str, EncryptionKey], algorithms: Collection[str] = CONTENT_ENCRYPTION
) -> bytes:
    """The plaintext of a compact JWE to one of these keys, by `kid`, with one of these `enc` algorithms.

    Raises `JweError`, which says nothing of why it failed beyond what the sender knows.
    """
    if len(text) > MAX_JWE_LENGTH:
        raise JweError("too long for a JWE")
    try:
        encoded = text.encode("ascii") if isinstance(text, str) else text
        header = _parse_header(encoded, algorithms)
        key = keys.get(header["kid"])
        if key is None:
            raise JweError("encrypted to a key that is not ours, or no longer")
        message = jwe.decrypt_compact(encoded, key._to_joserfc(), registry=_registry(algorithms))
    except JweError:
        raise
    except (JoseError, ValueError, AssertionError, zlib.error) as cause:  # joserfc lets zlib's own through
        raise JweError("not a JWE that was encrypted to us") from cause
    if message.plaintext is None or len(message.plaintext) > MAX_PLAINTEXT:
        raise JweError("too long a message in a JWE")
    return message.plaintext


def _parse_header(encoded: bytes, algorithms: Collection[str]) -> dict[str, Any]:
    """The protected header, with nothing in it that we don't take."""
    segment, _, rest = encoded.partition(b".")
    if len(segment) > _MAX_HEADER or rest.count(b".") != 3:
        raise JweError("a compact JWE has five parts")
    header = parse_json_object(base64url_decode(segment))
    if header.get("alg") != KEY_MANAGEMENT or header.get("enc") not in algorithms:
        raise JweError("an algorithm that we do not use")
    if not _REFUSED_MEMBERS.isdisjoint(header) or header.get("zip", COMPRESSION) != COMPRESSION:
        raise JweError("a header member that we do not allow")
    if not _is_text(header.get("kid"), _MAX_KID):
        raise JweError("the header does not say to which key it was encrypted")
    if PublicKey.from_jwk(header.get("epk")).algorithm is not Algorithm.ES256:
        raise JweError("the sender's key is of another curve")
    for name in ("apu", "apv"):
        if name in header and not (_is_text(header[name], _MAX_PARTY_INFO) and base64url_decode(header[name])):
            raise JweError("a party of the agreement is not named in base64url")
    return header


class _Registry(jwe.JWERegistry):
    """joserfc's rules, with our lengths."""

    max_protected_header_length = _MAX_HEADER
    max_ciphertext_length = MAX_JWE_LENGTH


def _registry(algorithms: Collection[str]) -> jwe.JWERegistry:
    # Unknown members are ignored (RFC 7516 section 4); those that matter were refused before.
    return _Registry(algorithms=[KEY_MANAGEMENT, COMPRESSION, *algorithms], strict_check_header=False)


def _is_text(value: Any, limit: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= limit
