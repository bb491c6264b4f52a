"""Challenges for passkeys and wallets' devices, made without being remembered: a flood of requests writes nothing.

Each is the time at which it was made, random bytes, and a MAC over both and what it is for, by a secret that all
processes of a service have. So a service knows its own again, and how old they are. That each is used once is the
caller's to see to, once the answer to it is verified: a unique constraint on its digest, kept until it expires.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from vc_core.errors import Unauthenticated

LIFETIME_SECONDS = 300
_CLOCK_SKEW = 30
"""Seconds by which the clocks of two processes of a service may differ."""
_TIME_BYTES, _RANDOM_BYTES, _MAC_BYTES = 8, 16, 16
_LABEL = b"sabai challenges"


@dataclass(frozen=True)
class VerifiedChallenge:
    """A challenge of our own that still holds. `digest` is what to keep of it (SHA-256, hex), and until when."""

    challenge: bytes
    digest: str
    expires_at: int


class Challenges:
    """Makes challenges and knows its own again."""

    def __init__(self, secret: bytes, randomness: Callable[[int], bytes]) -> None:
        """`secret` may serve other purposes too: the key is derived from it."""
        self._key = hmac.digest(secret, _LABEL, "sha256")
        self._randomness = randomness

    def create(self, purpose: str, *, now: int) -> bytes:
        """A challenge of 40 bytes that holds for `LIFETIME_SECONDS`."""
        made = now.to_bytes(_TIME_BYTES, "big") + self._randomness(_RANDOM_BYTES)
        return made + self._mac(purpose, made)

    def verify(self, challenge: bytes, purpose: str, *, now: int) -> VerifiedChallenge:
        """Raises `Unauthenticated` where it was not made here for this purpose, or is too old."""
        made, mac = challenge[:-_MAC_BYTES], challenge[-_MAC_BYTES:]
        made_at = int.from_bytes(made[:_TIME_BYTES], "big")
        ours = len(made) == _TIME_BYTES + _RANDOM_BYTES and hmac.compare_digest(mac, self._mac(purpose, made))
        if not ours or not -_CLOCK_SKEW <= now - made_at < LIFETIME_SECONDS:
            raise Unauthenticated("Too much time has passed, or this was not begun here. Begin again.")
        expires_at = made_at + LIFETIME_SECONDS + _CLOCK_SKEW
        return VerifiedChallenge(challenge, hashlib.sha256(challenge).hexdigest(), expires_at)

    def _mac(self, purpose: str, made: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode("utf-8") + b"\0" + made, "sha256")[:_MAC_BYTES]
