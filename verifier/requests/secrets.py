"""What a request's secrets are made of, and what of them the database keeps.

    id      known to the desk alone: by it the result is fetched
    handle  known to the wallet: in the addresses where it fetches the request and posts its answer, and as `state`
    session in the cookie of the browser that began on the same device
    response_code  in the address to which that browser comes back

The handle is derived from the id, which can't be told from it; session and response code are random. Of handle, session
and response code the database has hashes. The key that answers are encrypted to must be there itself, since any process
of the service may have to open the answer: it is sealed under a key made of the desk token, which the database lacks.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from vc_core.crypto.jwe import EncryptionKey
from vc_core.encoding import base64url_encode

_HANDLE_LABEL = b"sabai request handle"
_SEAL_LABEL = b"sabai request encryption keys"
_BYTES = 16


def create_secret(randomness: Callable[[int], bytes]) -> str:
    """A new id, nonce, session or response code: 128 bits in base64url."""
    return base64url_encode(randomness(_BYTES))


def handle_of(request_id: str) -> str:
    """What the wallet knows a request by."""
    return base64url_encode(hmac.digest(request_id.encode("utf-8"), _HANDLE_LABEL, "sha256")[:_BYTES])


def hash_of(secret: str) -> str:
    """What the database keeps of a secret too long to guess: SHA-256 in hex digits."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


class KeySeal:
    """Seals encryption keys, and portraits on their way to the desk, for the database (XSalsa20-Poly1305)."""

    def __init__(self, secret: bytes) -> None:
        self._box = SecretBox(hmac.digest(secret, _SEAL_LABEL, "sha256"))

    def seal(self, key: EncryptionKey) -> bytes:
        """The key, of no use without the secret."""
        return bytes(self._box.encrypt(key.to_bytes()))

    def seal_portrait(self, portrait: str) -> bytes:
        """The portrait, unseen by whoever has the database."""
        return bytes(self._box.encrypt(portrait.encode("ascii")))

    def open_portrait(self, sealed: bytes) -> str | None:
        """The portrait; None where it was sealed under another secret."""
        try:
            return self._box.decrypt(sealed).decode("ascii")
        except CryptoError:
            return None

    def open(self, sealed: bytes) -> EncryptionKey | None:
        """The key; None where it was sealed under another secret, as before the desk token was changed."""
        try:
            return EncryptionKey.from_bytes(self._box.decrypt(sealed))
        except CryptoError:
            return None
