"""The registries' events, decoded: all that a mirror stores, and all that DIDs and accreditations are derived from.

They travel as JSON too (`to_json`, `parse_event`), so that a wallet can read the registry without an EVM library.
Their order on the chain is (`block_number`, `log_index`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any, TypeAlias

KEY_ATTRIBUTE = "did/pub/Multikey/veriKey"
"""The attribute that publishes a key of a DID; its value is `PublicKey.to_multikey()`."""

NAME_ATTRIBUTE = "sabai/name"
"""The attribute that publishes an organisation's display name; its value is UTF-8."""


class Role(IntEnum):
    """What an organisation is accredited to do with a credential type."""

    ISSUE = 1
    VERIFY = 2


class AccreditationState(IntEnum):
    """The state of an accreditation; revoked is final."""

    ACTIVE = 1
    SUSPENDED = 2
    REVOKED = 3


@dataclass(frozen=True)
class Position:
    """Where on the chain an event stands; `block_timestamp` in seconds since 1970."""

    block_number: int
    block_timestamp: int
    log_index: int


@dataclass(frozen=True)
class OwnerChanged:
    """ERC-1056 `DIDOwnerChanged`: `owner` controls the identity (each 0x + 40 lower-case hex digits) from here on."""

    at: Position
    identity: str
    owner: str


@dataclass(frozen=True)
class DelegateChanged:
    """ERC-1056 `DIDDelegateChanged`: valid until `valid_to` (seconds since 1970, 0 when revoked)."""

    at: Position
    identity: str
    delegate_type: str
    delegate: str
    valid_to: int


@dataclass(frozen=True)
class AttributeChanged:
    """ERC-1056 `DIDAttributeChanged`: `name` as text without its trailing zero bytes, `value` in hex digits."""

    at: Position
    identity: str
    name: str
    value: str
    valid_to: int


@dataclass(frozen=True)
class AccreditationChanged:
    """TrustRegistry `AccreditationChanged`: the whole entry as it stands from here on.

    `subject` and `credential_type` are the ids of `subject_id` and `credential_type_id`, in hex digits; times are
    seconds since 1970, `valid_until` exclusive.
    """

    at: Position
    subject: str
    role: Role
    credential_type: str
    valid_from: int
    valid_until: int
    state: AccreditationState


RegistryEvent: TypeAlias = OwnerChanged | DelegateChanged | AttributeChanged | AccreditationChanged
_KINDS: dict[str, type[RegistryEvent]] = {
    kind.__name__: kind for kind in (OwnerChanged, DelegateChanged, AttributeChanged, AccreditationChanged)
}

_NUMBERS = {"valid_to", "valid_from", "valid_until", "role", "state"}
_TEXTS = {"identity", "owner", "delegate", "delegate_type", "name", "value", "subject", "credential_type"}


def subject_id(did: str) -> bytes:
    """The 32 bytes by which the TrustRegistry names an organisation: SHA-256 of its DID."""
    return hashlib.sha256(did.encode("utf-8")).digest()


def credential_type_id(vct: str) -> bytes:
    """The 32 bytes by which the TrustRegistry names a credential type: SHA-256 of its `vct`."""
    return hashlib.sha256(vct.encode("utf-8")).digest()


def to_json(event: RegistryEvent) -> dict[str, Any]:
    """An event as a JSON object; `parse_event` reads it again."""
    return {"kind": type(event).__name__, **asdict(event)}


def parse_event(value: Mapping[str, Any]) -> RegistryEvent:
    """The reverse of `to_json`, for text from elsewhere. Raises `ValueError` where a member is missing or wrong."""
    try:
        members = dict(value)
        kind = _KINDS[members.pop("kind")]
        members["at"] = Position(**{name: _integer(number) for name, number in members["at"].items()})
        for name in members.keys() & _NUMBERS:
            members[name] = _integer(members[name])
        if kind is AccreditationChanged:
            members["role"], members["state"] = Role(members["role"]), AccreditationState(members["state"])
        for name in members.keys() & _TEXTS:
            if not isinstance(members[name], str):
                raise ValueError("a member of a registry event must be text")
        bytes.fromhex(members.get("value", ""))
        return kind(**members)
    except (AttributeError, KeyError, TypeError, ValueError) as cause:
        raise ValueError("not a registry event") from cause


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("a number of a registry event must be a whole one")
    return value
