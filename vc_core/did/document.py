"""DID documents (DID Core 1.0): what a DID resolves to, whatever its method."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias

from vc_core.crypto.keys import KeyFormatError, PublicKey
from vc_core.crypto.secp256k1 import Secp256k1PublicKey
from vc_core.did.multibase import multibase_encode

ShownKey: TypeAlias = PublicKey | Secp256k1PublicKey
"""A key that a document can show; only a `PublicKey` verifies anything."""

_CONTEXT = "https://www.w3.org/ns/did/v1"
_RECOVERY_METHOD = "EcdsaSecp256k1RecoveryMethod2020"
_CONTEXTS = {
    "Multikey": "https://w3id.org/security/multikey/v1",
    "JsonWebKey": "https://w3id.org/security/jwk/v1",
    "JsonWebKey2020": "https://w3id.org/security/suites/jws-2020/v1",
    _RECOVERY_METHOD: "https://w3id.org/security/suites/secp256k1recovery-2020/v2",
}


class KeyFormat(StrEnum):
    """How a document writes a key: the type of its verification method."""

    MULTIKEY = "Multikey"
    JSON_WEB_KEY = "JsonWebKey"
    JSON_WEB_KEY_2020 = "JsonWebKey2020"


@dataclass(frozen=True)
class VerificationMethod:
    """One verification method: a key, or an account of the chain that signs recoverably.

    `id` is `<did>#<fragment>`; exactly one of `public_key`, `secp256k1_key` (shown, never verified with) and
    `blockchain_account_id` (CAIP-10) is there.
    """

    id: str
    public_key: PublicKey | None = None
    blockchain_account_id: str | None = None
    secp256k1_key: Secp256k1PublicKey | None = None
    key_format: KeyFormat = KeyFormat.MULTIKEY

    @classmethod
    def of_key(cls, id: str, key: ShownKey, key_format: KeyFormat = KeyFormat.MULTIKEY) -> VerificationMethod:
        """The verification method of a key of either kind."""
        if isinstance(key, PublicKey):
            return cls(id, key, key_format=key_format)
        return cls(id, secp256k1_key=key, key_format=key_format)

    @property
    def type(self) -> str:
        """The type, as DID Core's property of that name."""
        return _RECOVERY_METHOD if self.blockchain_account_id is not None else self.key_format

    def to_json(self) -> dict[str, Any]:
        """The verification method as DID Core writes it."""
        described: dict[str, Any] = {"id": self.id, "type": self.type, "controller": self.id.partition("#")[0]}
        key = self.public_key or self.secp256k1_key
        if key is None:
            described["blockchainAccountId"] = self.blockchain_account_id
        elif self.key_format is KeyFormat.MULTIKEY:
            described["publicKeyMultibase"] = multibase_encode(key.to_multikey())
        else:
            described["publicKeyJwk"] = key.to_jwk()
        return described


@dataclass(frozen=True)
class DidDocument:
    """A DID document; the relationships name verification methods by id. A deactivated one is empty."""

    id: str
    verification_methods: tuple[VerificationMethod, ...] = ()
    authentication: tuple[str, ...] = ()
    assertion_method: tuple[str, ...] = ()
    deactivated: bool = False
    capability_invocation: tuple[str, ...] = ()
    capability_delegation: tuple[str, ...] = ()
    key_agreement: tuple[str, ...] = ()

    def with_key_format(self, key_format: KeyFormat) -> DidDocument:
        """The same document, with every key written in that format."""
        methods = tuple(replace(method, key_format=key_format) for method in self.verification_methods)
        return replace(self, verification_methods=methods)

    def to_json(self, *, linked_data: bool = True) -> dict[str, Any]:
        """The document as DID Core writes it, as JSON-LD or as plain JSON, which is without `@context`.

        That it is deactivated belongs to the resolution's metadata.
        """
        document: dict[str, Any] = {"@context": self._contexts()} if linked_data else {}
        document |= {
            "id": self.id,
            "verificationMethod": [method.to_json() for method in self.verification_methods],
            "authentication": list(self.authentication),
            "assertionMethod": list(self.assertion_method),
        }
        rarer = {
            "capabilityInvocation": self.capability_invocation,
            "capabilityDelegation": self.capability_delegation,
            "keyAgreement": self.key_agreement,
        }
        return document | {name: list(ids) for name, ids in rarer.items() if ids}

    def _contexts(self) -> list[str]:
        types = dict.fromkeys(method.type for method in self.verification_methods)
        return [_CONTEXT, *(_CONTEXTS[type] for type in types)]


def parse_multikey(value: bytes) -> ShownKey:
    """Multicodec prefix and raw key to a key of any kind that we show. Raises `KeyFormatError` for all others."""
    try:
        return PublicKey.from_multikey(value)
    except KeyFormatError:
        return Secp256k1PublicKey.from_multikey(value)


def parse_jwk(value: Any) -> ShownKey:
    """A public JWK to a key of any kind that we show. Raises `KeyFormatError` for all others."""
    if isinstance(value, dict) and value.get("crv") == "secp256k1":
        return Secp256k1PublicKey.from_jwk(value)
    return PublicKey.from_jwk(value)
