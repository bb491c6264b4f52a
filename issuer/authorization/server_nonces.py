"""Nonces for DPoP proofs, and challenges for proofs of wallet attestations: made without being remembered.

Each is the time at which it was made, and a MAC over it by a secret that all processes of the issuer share by their
database. So a flood of requests without a nonce writes nothing. They show that a proof is fresh; that it counts once is
the matter of its `jti`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from enum import StrEnum

from issuer.authorization.repository import AuthorizationRepository
from vc_core.clock import Clock
from vc_core.encoding import EncodingError, base64url_decode, base64url_encode
from vc_core.web.database import Database

NONCE_LIFETIME = 300
"""Seconds that a nonce holds."""
_CLOCK_SKEW = 30
"""Seconds by which the clocks of two processes of the issuer may differ."""
_TIME_BYTES, _MAC_BYTES = 8, 16


class Purpose(StrEnum):
    """What a nonce is for: one for DPoP is none for attestation."""

    DPOP = "dpop"
    ATTESTATION = "attestation"


class ServerNonces:
    """Makes nonces and knows its own again."""

    def __init__(self, database: Database, clock: Clock, randomness: Callable[[int], bytes]) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._secret: bytes | None = None

    async def create(self, purpose: Purpose) -> str:
        """A nonce that holds for `NONCE_LIFETIME` seconds: base64url, 32 characters."""
        time = self._clock().to_bytes(_TIME_BYTES, "big")
        return base64url_encode(time + self._mac(await self._shared_secret(), purpose, time))

    async def is_current(self, nonce: str, purpose: Purpose) -> bool:
        """Whether this was made here for this purpose, and still holds."""
        try:
            decoded = base64url_decode(nonce)
        except EncodingError:
            return False
        time, mac = decoded[:_TIME_BYTES], decoded[_TIME_BYTES:]
        age = self._clock() - int.from_bytes(time, "big")
        expected = self._mac(await self._shared_secret(), purpose, time)
        return hmac.compare_digest(mac, expected) and -_CLOCK_SKEW <= age < NONCE_LIFETIME

    async def _shared_secret(self) -> bytes:
        if self._secret is None:
            async with self._database.transaction() as session:
                self._secret = await AuthorizationRepository(session).nonce_secret(self._randomness(32))
        return self._secret

    @staticmethod
    def _mac(secret: bytes, purpose: Purpose, time: bytes) -> bytes:
        return hmac.digest(secret, purpose.encode("ascii") + b":" + time, "sha256")[:_MAC_BYTES]
