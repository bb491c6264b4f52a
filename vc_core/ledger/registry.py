"""Writing to the registries, and reading their logs as events.

Organisations publish their keys and their name in the DidRegistry, each for itself; the governor accredits them in the
TrustRegistry. Nothing that is written here is about a patient.
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from vc_core.ledger.contract import Contract, load_contract
from vc_core.ledger.events import (
    KEY_ATTRIBUTE,
    NAME_ATTRIBUTE,
    AccreditationChanged,
    AccreditationState,
    AttributeChanged,
    DelegateChanged,
    OwnerChanged,
    Position,
    RegistryEvent,
    Role,
    credential_type_id,
    subject_id,
)
from vc_core.ledger.protocol import Ledger, Log, Receipt
from vc_core.ledger.snapshot import RegistryAddresses as RegistryAddresses
from vc_core.ledger.transactions import LedgerKey, Transaction, contract_address

MAX_NAME_BYTES = 200

_DEPLOYMENT_GAS = 3_000_000
_CALL_GAS = 500_000
_NAME_VALIDITY = 100 * 365 * 86_400
_LAST_SECOND = 2**53 - 1  # of the times in JSON that every reader gives back exactly


async def deploy_registries(ledger: Ledger, governor: LedgerKey) -> RegistryAddresses:
    """Deploys both registries by the governor's first two transactions, or finds them where that was done before.

    Raises `TransactionFailed` where the governor's account has sent something else first.
    """
    trust_registry = load_contract("TrustRegistry")
    return RegistryAddresses(
        await _deploy_once(ledger, governor, 0, load_contract("DidRegistry")),
        await _deploy_once(ledger, governor, 1, trust_registry, governor.address),
    )


async def _deploy_once(ledger: Ledger, governor: LedgerKey, nonce: int, contract: Contract, *arguments: Any) -> bytes:
    address = contract_address(governor.address, nonce)
    if await ledger.code(address) != contract.deployed_bytecode:
        transaction = Transaction(nonce, b"", contract.encode_deployment(*arguments), _DEPLOYMENT_GAS)
        await ledger.send(governor.sign_transaction(transaction, chain_id=ledger.chain_id))
    return address


class PublishableKey(Protocol):
    """A public key with its kind: `vc_core.crypto.keys.PublicKey`."""

    def to_multikey(self) -> bytes:
        """Multicodec prefix and raw key."""


class RegistryWriter:
    """Sends what organisations and the governor sign. All methods raise `TransactionFailed` where it is refused.

    `identity` is the address that a DID names, where the organisation's key is not its first: after `change_owner`.
    """

    def __init__(self, ledger: Ledger, addresses: RegistryAddresses) -> None:
        self._ledger = ledger
        self._addresses = addresses
        self._locks: dict[bytes, asyncio.Lock] = {}

    async def publish_key(
        self, organisation: LedgerKey, key: PublishableKey, *, valid_seconds: int, identity: bytes | None = None
    ) -> Receipt:
        """Makes `key` a verification method of the organisation's DID, from now on for so many seconds."""
        return await self._set_attribute(organisation, identity, KEY_ATTRIBUTE, key.to_multikey(), valid_seconds)

    async def revoke_key(
        self, organisation: LedgerKey, key: PublishableKey, *, identity: bytes | None = None
    ) -> Receipt:
        """Ends the validity of a published key at once."""
        subject = identity or organisation.address
        return await self._write(organisation, "revokeAttribute", subject, _text32(KEY_ATTRIBUTE), key.to_multikey())

    async def publish_name(self, organisation: LedgerKey, name: str, *, identity: bytes | None = None) -> Receipt:
        """Publishes the organisation's display name. Raises `ValueError` where it is empty or over 200 bytes."""
        value = name.encode("utf-8")
        if not 0 < len(value) <= MAX_NAME_BYTES:
            raise ValueError(f"an organisation's name has 1 to {MAX_NAME_BYTES} bytes")
        return await self._set_attribute(organisation, identity, NAME_ATTRIBUTE, value, _NAME_VALIDITY)

    async def change_owner(
        self, organisation: LedgerKey, new_owner: bytes, *, identity: bytes | None = None
    ) -> Receipt:
        """Hands the DID to another account; to 20 zero bytes it is deactivated for good."""
        return await self._write(organisation, "changeOwner", identity or organisation.address, new_owner)

    async def set_accreditation(
        self,
        governor: LedgerKey,
        did: str,
        role: Role,
        vct: str,
        *,
        valid_from: int,
        valid_until: int,
        state: AccreditationState = AccreditationState.ACTIVE,
    ) -> Receipt:
        """Replaces the accreditation of an organisation for a type; times in seconds since 1970, the end exclusive."""
        data = load_contract("TrustRegistry").encode_call(
            "setAccreditation", subject_id(did), role, credential_type_id(vct), valid_from, valid_until, state
        )
        return await self._send(governor, self._addresses.trust_registry, data)

    async def _set_attribute(
        self, organisation: LedgerKey, identity: bytes | None, name: str, value: bytes, valid_seconds: int
    ) -> Receipt:
        subject = identity or organisation.address
        return await self._write(organisation, "setAttribute", subject, _text32(name), value, valid_seconds)

    async def _write(self, organisation: LedgerKey, function: str, *arguments: Any) -> Receipt:
        data = load_contract("DidRegistry").encode_call(function, *arguments)
        return await self._send(organisation, self._addresses.did_registry, data)

    async def _send(self, sender: LedgerKey, to: bytes, data: bytes) -> Receipt:
        async with self._locks.setdefault(sender.address, asyncio.Lock()):
            transaction = Transaction(await self._ledger.nonce(sender.address), to, data, _CALL_GAS)
            return await self._ledger.send(sender.sign_transaction(transaction, chain_id=self._ledger.chain_id))


def decode_log(log: Log, addresses: RegistryAddresses) -> RegistryEvent | None:
    """A log of one of the registries as an event; None where it is of another contract, or no event that we follow.

    Raises `LedgerError` where the log is cut short.
    """
    at = Position(log.block_number, log.block_timestamp, log.log_index)
    if log.address == addresses.did_registry:
        return _decode_did_event(log, at)
    if log.address == addresses.trust_registry:
        return _decode_trust_event(log, at)
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
                role=Role(members["role"]),
                credential_type=members["credentialType"].hex(),
                valid_from=_decode_time(members["validFrom"]),
                valid_until=_decode_time(members["validUntil"]),
                state=AccreditationState(members["state"]),
            )
    return None


def _text32(text: str) -> bytes:
    return text.encode("utf-8").ljust(32, b"\0")


def _decode_text32(value: bytes) -> str:
    return value.rstrip(b"\0").decode("utf-8", errors="backslashreplace")


def _decode_time(seconds: int) -> int:
    return min(seconds, _LAST_SECOND)
