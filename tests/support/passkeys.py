"""A security key in software: makes passkeys and uses them, and answers wrongly where a test wants it to.

It writes the bytes of WebAuthn Level 3 (sections 6.1 and 5.8.1) by itself, with no part of the library that verifies.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from vc_core.crypto.keys import P256Signer
from vc_core.encoding import base64url_decode, base64url_encode

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40
THERE = USER_PRESENT | USER_VERIFIED


@dataclass
class SecurityKey:
    """One passkey on one device, at the page of one origin."""

    origin: str
    credential_id: bytes
    signer: P256Signer = field(default_factory=P256Signer.generate)
    user_id: bytes = b""
    sign_count: int = 0

    def create(self, options: dict[str, Any], *, flags: int = THERE, **client: Any) -> dict[str, Any]:
        """The answer of `navigator.credentials.create`; `client` changes the client data."""
        self.user_id = base64url_decode(options["user"]["id"])
        x, y = self._coordinates()
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + key
        data = self._authenticator_data(options["rp"]["id"], flags | ATTESTED) + attested
        return self._answer(
            clientDataJSON=self._client_data("webauthn.create", options, client),
            attestationObject=cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data}),
        )

    def get(self, options: dict[str, Any], *, flags: int = THERE, **client: Any) -> dict[str, Any]:
        """The answer of `navigator.credentials.get`; `client` changes the client data."""
        self.sign_count += 1
        data = self._authenticator_data(options["rpId"], flags)
        client_data = self._client_data("webauthn.get", options, client)
        return self._answer(
            clientDataJSON=client_data,
            authenticatorData=data,
            signature=_der(self.signer.sign(data + hashlib.sha256(client_data).digest())),
            userHandle=self.user_id,
        )

    def _coordinates(self) -> tuple[bytes, bytes]:
        jwk = self.signer.public_key.to_jwk()
        return base64url_decode(jwk["x"]), base64url_decode(jwk["y"])

    def _authenticator_data(self, rp_id: str, flags: int) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.sign_count.to_bytes(4, "big")

    def _client_data(self, kind: str, options: dict[str, Any], changes: dict[str, Any]) -> bytes:
        data = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps({**data, **changes}).encode()

    def _answer(self, **response: bytes) -> dict[str, Any]:
        name = base64url_encode(self.credential_id)
        texts = {member: base64url_encode(value) for member, value in response.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": texts, "clientExtensionResults": {}}


def _der(signature: bytes) -> bytes:
    """The two numbers of an ECDSA signature as WebAuthn has them (section 6.5.5): DER."""
    return encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
