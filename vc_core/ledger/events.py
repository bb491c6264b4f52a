"""The registries' events, decoded: all that a mirror stores, and all that DIDs and accreditations are derived from.

They travel as JSON too (`to_json`, `parse_event`), so that a wallet can read the registry without an EVM library.
Their order on the chain is (`block_number`, `log_index`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any, TypeAlias, get_args

KEY_ATTRIBUTE = "did/pub/Multikey/veriKey"
"""The attribute that publishes a key of a DID; its value is `PublicKey.to_multikey()`."""

GOVERNANCE = "0x" + "0" * 40
"""The grantor of what the governance itself gave."""

NO_HASH = "0" * 64
"""In place of a hash that an accreditation does not have."""

NAME_ATTRIBUTE = "sabai/name"
"""The attribute that publishes an organisation's display name; its value is UTF-8."""


class Role(IntEnum):
    """What an organisation is accredited to do: with a credential type, or to vouch for wallets."""

    ISSUE = 1
    VERIFY = 2
    PROVIDE_WALLETS = 3


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
    seconds since 1970, `valid_until` exclusive. `grantor` is the accreditor's identity (0x + 40 lower-case hex digits)
    or `GOVERNANCE`. `allowed_claims` (of `allowed_claims_hash`) and `policy` are hashes in hex digits, or `NO_HASH`.
    """

    at: Position
    subject: str
    role: Role
    credential_type: str
    valid_from: int
    valid_until: int
    state: AccreditationState
    grantor: str = GOVERNANCE
    allowed_claims: str = NO_HASH
    policy: str = NO_HASH


@dataclass(frozen=True)
class MandateChanged:
    """TrustRegistry `MandateChanged`: the whole mandate of an accreditor (its identity) as it stands from here on.

    `depth` is how many levels of mandates may stand below it; the other members are as in `AccreditationChanged`.
    """

    at: Position
    accreditor: str
    role: Role
    credential_type: str
    grantor: str
    valid_from: int
    valid_until: int
    state: AccreditationState
    depth: int


@dataclass(frozen=True)
class KeyKilled:
    """TrustRegistry `KeyKilled`: a key of the subject is compromised, for good. `key_hash`: of `key_hash`, in hex."""

    at: Position
    subject: str
    key_hash: str


@dataclass(frozen=True)
class GovernanceChanged:
    """The members (0x + 40 lower-case hex digits) and threshold of a contract, itself named by its address."""

    at: Position
    contract: str
    epoch: int
    members: tuple[str, ...]
    threshold: int


@dataclass(frozen=True)
class LogOwnerChanged:
    """Anchors `LogOwnerChanged`: `owner` (0x + 40 lower-case hex digits) writes the log's roots from here on.

    `log` is the id of `log_id`, in hex digits.
    """

    at: Position
    log: str
    owner: str


@dataclass(frozen=True)
class Anchored:
    """Anchors `Anchored`: the log's root number `index`, over `size` leaves. `root` and `head` in hex digits."""

    at: Position
    log: str
    index: int
    size: int
    root: str
    head: str


RegistryEvent: TypeAlias = (
    OwnerChanged
    | DelegateChanged
    | AttributeChanged
    | AccreditationChanged
    | MandateChanged
    | KeyKilled
    | GovernanceChanged
    | LogOwnerChanged
    | Anchored
)
_KINDS: dict[str, type[RegistryEvent]] = {kind.__name__: kind for kind in get_args(RegistryEvent)}

_NUMBERS = {"valid_to", "valid_from", "valid_until", "role", "state", "depth", "epoch", "threshold", "index", "size"}
_ENUMS: dict[str, type[IntEnum]] = {"role": Role, "state": AccreditationState}
_HEX = {"value", "subject", "credential_type", "allowed_claims", "policy", "key_hash", "log", "root", "head"}
_TEXTS = _HEX | {"identity", "owner", "delegate", "delegate_type", "name", "grantor", "accreditor", "contract"}


def subject_id(did: str) -> bytes:
    """The 32 bytes by which the TrustRegistry names an organisation: SHA-256 of its DID."""
    return hashlib.sha256(did.encode("utf-8")).digest()


def credential_type_id(vct: str) -> bytes:
    """The 32 bytes by which the TrustRegistry names a credential type: SHA-256 of its `vct`."""
    return hashlib.sha256(vct.encode("utf-8")).digest()


def log_id(name: str) -> bytes:
    """The 32 bytes by which Anchors names a log: SHA-256 of its public name."""
    return hashlib.sha256(name.encode("utf-8")).digest()


def key_hash(multikey: bytes) -> bytes:
    """The 32 bytes by which a key is killed: SHA-256 of `PublicKey.to_multikey()`, the value of its attribute."""
    return hashlib.sha256(multikey).digest()


def allowed_claims_hash(names: Iterable[str]) -> bytes:
    """The hash of the claims that an accreditation is limited to, in any order.

    SHA-256 of the JSON array of the names, each once, sorted by code point, without white space, in UTF-8.
    """
    text = json.dumps(sorted(set(names)), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).digest()


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
        for name in members.keys() & _ENUMS.keys():
            members[name] = _ENUMS[name](members[name])
        for name in members.keys() & _TEXTS:
            _text(members[name])
        for name in members.keys() & _HEX:
            bytes.fromhex(members[name])
        if kind is GovernanceChanged:
            members["members"] = tuple(_text(member) for member in members["members"])
        return kind(**members)
    except (AttributeError, KeyError, TypeError, ValueError) as cause:
        raise ValueError("not a registry event") from cause


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("a number of a registry event must be a whole one")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a member of a registry event must be text")
    return value
