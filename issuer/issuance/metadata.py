"""The issuer's metadata as it is now, plain and signed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from issuer.issuance.configurations import BATCH_SIZE, Configuration
from issuer.keys import IssuingKey, require_registered
from vc_core.clock import Clock
from vc_core.crypto.jwe import EncryptionKey
from vc_core.formats.credential import CredentialFormat
from vc_core.protocols.openid4vci.encryption import create_request_encryption, create_response_encryption_support
from vc_core.protocols.openid4vci.issuer_metadata import Display, create_issuer_metadata
from vc_core.protocols.openid4vci.signed_metadata import sign_issuer_metadata
from vc_core.trust import TrustSource

SIGNED_LIFETIME = 24 * 3600
"""Seconds that signed metadata holds."""
SIGNED_AGAIN_AFTER = 60
"""Seconds after which it is signed anew; before, everybody gets the same, so that nobody keeps our key busy."""


@dataclass(frozen=True)
class _Signed:
    document: Mapping[str, Any]
    text: str
    signed_at: int


class MetadataService:
    """The addresses in the metadata are the settings', whatever a request says; the names are those of the DIDs."""

    def __init__(
        self,
        keys: Mapping[str, IssuingKey],
        configurations: Mapping[str, Configuration],
        encryption_keys: Mapping[str, EncryptionKey],
        trust: TrustSource,
        public_url: str,
        clock: Clock,
    ) -> None:
        self._keys = keys
        self._configurations = configurations
        self._encryption_keys = encryption_keys
        self._trust = trust
        self._public_url = public_url
        self._clock = clock
        self._signed: _Signed | None = None

    def document(self) -> dict[str, Any]:
        """The metadata (section 12.2.4)."""
        names = dict.fromkeys(self._trust.name(key.did) for key in self._keys.values())
        encryption = None
        if self._encryption_keys:
            encryption = create_request_encryption(self._encryption_keys.values(), required=False)
        return create_issuer_metadata(
            self._public_url,
            credential_endpoint=self._public_url + "/credential",
            nonce_endpoint=self._public_url + "/nonce",
            deferred_credential_endpoint=self._public_url + "/deferred_credential",
            notification_endpoint=self._public_url + "/notification",
            credential_request_encryption=encryption,
            credential_response_encryption=create_response_encryption_support(required=False),
            batch_size=BATCH_SIZE,
            display=[Display(" / ".join(names))],
            configurations={each.id: each.metadata() for each in self._configurations.values()},
        )

    async def signed(self) -> str:
        """The metadata as a JWT by our first credential type's key (section 12.2.3). Raises `SignerUnavailable`."""
        document, now = self.document(), self._clock()
        signed = self._signed
        if signed is None or signed.document != document or not 0 <= now - signed.signed_at < SIGNED_AGAIN_AFTER:
            key = next(iter(self._keys.values()))
            require_registered(key, self._trust, now=now)
            signed = self._signed = _Signed(document, await asyncio.to_thread(_sign, document, key, now), now)
        return signed.text


def _sign(document: Mapping[str, Any], key: IssuingKey, now: int) -> str:
    return sign_issuer_metadata(
        document,
        signer=key.signer,
        verification_method=key.reference(CredentialFormat.SD_JWT),
        issued_at=now,
        expires_at=now + SIGNED_LIFETIME,
    )
