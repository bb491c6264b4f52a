"""DID documents (DID Core 1.0): what a DID resolves to, whatever its method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vc_core.crypto.keys import PublicKey

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_CONTEXT = [
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/suites/secp256k1recovery-2020/v2",
]


@dataclass(frozen=True)
class VerificationMethod:
    """One verification method: a key (`Multikey`), or an account of the chain that signs recoverably.

    `id` is `<did>#<fragment>`; exactly one of `public_key` and `blockchain_account_id` (CAIP-10) is there.
    """

    id: str
    public_key: PublicKey | None = None
    blockchain_account_id: str | None = None

    def to_json(self) -> dict[str, str]:
        """The verification method as DID Core writes it."""
        controller = self.id.partition("#")[0]
        if self.public_key is not None:
            return {
                "id": self.id,
                "type": "Multikey",
                "controller": controller,
                "publicKeyMultibase": "z" + base58btc_encode(self.public_key.to_multikey()),
            }
        return {
            "id": self.id,
            "type": "EcdsaSecp256k1RecoveryMethod2020",
            "controller": controller,
            "blockchainAccountId": self.blockchain_account_id or "",
        }


@dataclass(frozen=True)
class DidDocument:
    """A DID document; the relationships name verification methods by id. A deactivated one is empty."""

    id: str
    verification_methods: tuple[VerificationMethod, ...] = ()
    authentication: tuple[str, ...] = ()
    assertion_method: tuple[str, ...] = ()
    deactivated: bool = False

    def to_json(self) -> dict[str, Any]:
        """The document as DID Core writes it. That it is deactivated belongs to the resolution's metadata."""
        return {
            "@context": _CONTEXT,
            "id": self.id,
            "verificationMethod": [method.to_json() for method in self.verification_methods],
            "authentication": list(self.authentication),
            "assertionMethod": list(self.assertion_method),
        }


def base58btc_encode(data: bytes) -> str:
    """Bytes in base58 with Bitcoin's alphabet, without a multibase prefix."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text
