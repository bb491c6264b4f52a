"""The registries' logs, as the chain has them, decoded to events."""

from __future__ import annotations

from typing import Any

from vc_core.ledger.contract import load_contract
from vc_core.ledger.events import (
    AccreditationChanged,
    AccreditationState,
    Anchored,
    AttributeChanged,
    DelegateChanged,
    GovernanceChanged,
    KeyKilled,
    LogOwnerChanged,
    MandateChanged,
    OwnerChanged,
    Position,
    RegistryEvent,
    Role,
)
from vc_core.ledger.protocol import Log
from vc_core.ledger.snapshot import RegistryAddresses

_LAST_SECOND = 2**53 - 1  # of the times in JSON that every reader gives back exactly


def decode_log(log: Log, addresses: RegistryAddresses) -> RegistryEvent | None:
    """A log of one of the registries as an event; None where it is of another contract, or no event that we follow.

    Proposals and approvals are not followed: what they come to is an event of its own. Raises `LedgerError` where the
    log is cut short.
    """
    at = Position(log.block_number, log.block_timestamp, log.log_index)
    if log.address == addresses.did_registry:
        return _decode_did_event(log, at)
    if log.address == addresses.trust_registry:
        return _decode_trust_event(log, at)
    if log.address == addresses.anchors:
        return _decode_anchors_event(log, at)
    return None


def _decode_did_event(log: Log, at: Position) -> RegistryEvent | None:
    match load_contract("DidRegistry").decode_event(log):
        case "DIDOwnerChanged", members:
            return OwnerChanged(at, members["identity"], members["owner"])
        case "DIDDelegateChanged", members:
            delegate_type, valid_to = _decode_text32(members["delegateType"]), _decode_time(members["validTo"])
            return DelegateChanged(at, members["identity"], delegate_type, members["delegate"], valid_to)
        case "DIDAttributeChanged", members:
            name, valid_to = _decode_text32(members["name"]), _decode_time(members["validTo"])
            return AttributeChanged(at, members["identity"], name, members["value"].hex(), valid_to)
    return None


def _decode_trust_event(log: Log, at: Position) -> RegistryEvent | None:
    match load_contract("TrustRegistry").decode_event(log):
        case "AccreditationChanged", members if members["role"] in list(Role):
            return AccreditationChanged(
                at=at,
                subject=members["subject"].hex(),
                allowed_claims=members["allowedClaims"].hex(),
                policy=members["policy"].hex(),
                **_decode_grant(members),
            )
        case "MandateChanged", members if members["role"] in list(Role):
            return MandateChanged(
                at=at, accreditor=members["accreditor"], depth=members["depth"], **_decode_grant(members)
            )
        case "KeyKilled", members:
            return KeyKilled(at, members["subject"].hex(), members["keyHash"].hex())
        case "GovernanceChanged", members:
            return _decode_governance(log, at, members)
    return None


def _decode_anchors_event(log: Log, at: Position) -> RegistryEvent | None:
    match load_contract("Anchors").decode_event(log):
        case "LogOwnerChanged", members:
            return LogOwnerChanged(at, members["log"].hex(), members["owner"])
        case "Anchored", members:
            root, head = members["root"].hex(), members["head"].hex()
            return Anchored(at, members["log"].hex(), members["index"], members["size"], root, head)
        case "GovernanceChanged", members:
            return _decode_governance(log, at, members)
    return None


def _decode_grant(members: dict[str, Any]) -> dict[str, Any]:
    return {
        "role": Role(members["role"]),
        "credential_type": members["credentialType"].hex(),
        "grantor": members["grantor"],
        "valid_from": members["validFrom"],
        "valid_until": members["validUntil"],
        "state": AccreditationState(members["state"]),
    }


def _decode_governance(log: Log, at: Position, members: dict[str, Any]) -> GovernanceChanged:
    contract = "0x" + log.address.hex()
    return GovernanceChanged(at, contract, members["epoch"], tuple(members["members"]), members["threshold"])


def _decode_text32(value: bytes) -> str:
    return value.rstrip(b"\0").decode("utf-8", errors="backslashreplace")


def _decode_time(seconds: int) -> int:
    return min(seconds, _LAST_SECOND)
