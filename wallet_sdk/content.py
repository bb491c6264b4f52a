"""What a wallet's file holds, as values that don't change, and their JSON. Nothing of it is ever written in the clear.

What is read here was authenticated by the store, so a form that doesn't fit means another version, not an attack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from vc_core.crypto.keys import P256Signer
from vc_core.encoding import base64url_decode, base64url_encode, compact_json, parse_json_object
from vc_core.errors import WalletDamaged
from vc_core.formats.credential import CredentialFormat
from vc_core.ledger.snapshot import RegistrySnapshot, parse_registry_snapshot


@dataclass(frozen=True)
class HeldCredential:
    """A credential that was verified before it came in here, and the key that it is bound to.

    `credential` is the text as issued: an SD-JWT VC, JSON-LD, or a QR pass in base64url. `holder_key` is the 32-byte
    private scalar. `issuer_name` is the name in the registry when the credential was issued. Times are in seconds since
    1970.
    """

    id: str
    format: CredentialFormat
    vct: str
    credential: str = field(repr=False)
    holder_key: bytes = field(repr=False)
    issuer: str
    issuer_name: str
    claims: Mapping[str, Any] = field(repr=False)
    issued_at: int
    expires_at: int

    def signer(self) -> P256Signer:
        """The key that this credential is bound to."""
        return P256Signer.from_bytes(self.holder_key)


@dataclass(frozen=True)
class PendingKey:
    """A key made for a credential that was asked for and has not come yet."""

    credential_issuer: str
    credential_configuration_id: str
    holder_key: bytes = field(repr=False)


@dataclass(frozen=True)
class Device:
    """This wallet as the provider knows it; the token opens the inbox. `language` is one of `LANGUAGES`."""

    device_id: str
    device_token: str = field(repr=False)
    language: str


@dataclass(frozen=True)
class WalletContent:
    """All of a wallet. `provider` is the wallet provider's URL, `registry` the newest that it told us."""

    provider: str
    credentials: tuple[HeldCredential, ...] = ()
    pending_keys: tuple[PendingKey, ...] = ()
    registry: RegistrySnapshot | None = None
    device: Device | None = None

    def for_backup(self) -> WalletContent:
        """What another phone may take over: not the device's registration, nor what is under way."""
        return replace(self, pending_keys=(), device=None)


def create_content_bytes(content: WalletContent) -> bytes:
    """The content as JSON, for an encrypted file only."""
    return compact_json(
        {
            "version": 1,
            "provider": content.provider,
            "credentials": [_with_text_key(asdict(each)) for each in content.credentials],
            "pending_keys": [_with_text_key(asdict(each)) for each in content.pending_keys],
            "registry": content.registry and content.registry.to_json(),
            "device": content.device and asdict(content.device),
        }
    )


def parse_content(data: bytes) -> WalletContent:
    """The reverse of `create_content_bytes`. Raises `WalletDamaged` where it was written by another version."""
    try:
        value = parse_json_object(data)
        if value["version"] != 1:
            raise WalletDamaged("This wallet was not written by this version of the program.")
        return WalletContent(
            provider=value["provider"],
            credentials=tuple(_parse_credential(each) for each in value["credentials"]),
            pending_keys=tuple(PendingKey(**_with_bytes_key(each)) for each in value["pending_keys"]),
            registry=value["registry"] and parse_registry_snapshot(value["registry"]),
            device=value["device"] and Device(**value["device"]),
        )
    except (KeyError, TypeError, ValueError) as cause:
        raise WalletDamaged("This wallet was not written by this version of the program.") from cause


def _parse_credential(value: dict[str, Any]) -> HeldCredential:
    members = _with_bytes_key(value)
    return HeldCredential(**{**members, "format": CredentialFormat(members["format"])})


def _with_text_key(members: dict[str, Any]) -> dict[str, Any]:
    return {**members, "holder_key": base64url_encode(members["holder_key"])}


def _with_bytes_key(members: dict[str, Any]) -> dict[str, Any]:
    return {**members, "holder_key": base64url_decode(members["holder_key"])}
