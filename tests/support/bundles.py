"""A small registry as events, without a chain, and bundles of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from vc_core.crypto.keys import P256Signer, PublicKey, Signer
from vc_core.ledger.events import (
    KEY_ATTRIBUTE,
    AccreditationChanged,
    AccreditationState,
    Anchored,
    AttributeChanged,
    KeyKilled,
    Position,
    RegistryEvent,
    Role,
    credential_type_id,
    key_hash,
    log_id,
    subject_id,
)
from vc_core.ledger.merkle import MerkleTree
from vc_core.ledger.protocol import BlockHead
from vc_core.ledger.snapshot import RegistryAddresses, RegistrySnapshot
from vc_core.trust_bundle.anchoring import CHECKPOINT_LOG
from vc_core.trust_bundle.contents import BundleContents, Checkpoint
from vc_core.trust_bundle.envelope import create_trust_bundle, parse_trust_bundle
from vc_core.trust_bundle.verification import BundlePin, SeenBundle, VerifiedTrustBundle, verify_trust_bundle

NOW = 1_790_000_000
CHAIN_ID = 1337
ADDRESSES = RegistryAddresses(b"\x01" * 20, b"\x02" * 20, b"\x03" * 20)
FOREVER = NOW + 10**9

AUTHORITY = P256Signer.from_bytes(bytes([7]) * 32)
SECOND_KEY = P256Signer.from_bytes(bytes([8]) * 32)
THIEF = P256Signer.from_bytes(bytes([9]) * 32)
AUTHORITY_DID = "did:ethr:0x539:0x" + "a1" * 20
OTHER_DID = "did:ethr:0x539:0x" + "b2" * 20
METHOD = AUTHORITY_DID + "#delegate-1"
SECOND_METHOD = AUTHORITY_DID + "#delegate-2"

PIN = BundlePin(AUTHORITY_DID, CHAIN_ID, ADDRESSES, AUTHORITY.public_key)


def key_event(block: int, did: str, key: PublicKey, *, valid_to: int = FOREVER, log_index: int = 0) -> AttributeChanged:
    """The event by which an organisation publishes a key (or, with `valid_to` 0, revokes it)."""
    identity = did.rpartition(":")[2]
    return AttributeChanged(place(block, log_index), identity, KEY_ATTRIBUTE, key.to_multikey().hex(), valid_to)


def kill_event(block: int, did: str, key: PublicKey) -> KeyKilled:
    """The event by which the governance declares a key compromised."""
    return KeyKilled(place(block), subject_id(did).hex(), key_hash(key.to_multikey()).hex())


def accreditation_event(block: int, did: str, vct: str = "type", log_index: int = 0) -> AccreditationChanged:
    """The event by which an organisation may issue a type, for ever."""
    ids = subject_id(did).hex(), Role.ISSUE, credential_type_id(vct).hex()
    return AccreditationChanged(place(block, log_index), *ids, 0, FOREVER, AccreditationState.ACTIVE)


def anchored_event(block: int, checkpoints: list[Checkpoint]) -> Anchored:
    """The event by which a root over these checkpoints is anchored."""
    root = MerkleTree(checkpoint.to_entry() for checkpoint in checkpoints).root.hex()
    return Anchored(place(block), log_id(CHECKPOINT_LOG).hex(), 1, len(checkpoints), root, "cc" * 32)


def place(block: int, log_index: int = 0) -> Position:
    """Where an event stands; a block each ten seconds."""
    return Position(block, NOW - 10_000 + block * 10, log_index)


EVENTS: tuple[RegistryEvent, ...] = (
    key_event(1, AUTHORITY_DID, AUTHORITY.public_key),
    accreditation_event(2, AUTHORITY_DID),
    key_event(3, OTHER_DID, THIEF.public_key),
)


def block(number: int, fork: int = 0) -> BlockHead:
    """The block of this number; another one with the same number for each `fork`."""
    return BlockHead(number, bytes([fork]) * 28 + number.to_bytes(4, "big"), NOW - 10_000 + number * 10)


def snapshot(events: Iterable[RegistryEvent] = EVENTS, *, head: int = 10, synced_at: int = NOW) -> RegistrySnapshot:
    """The registry with these events."""
    return RegistrySnapshot(CHAIN_ID, ADDRESSES, block(head), synced_at, tuple(events))


def bundle(
    told: RegistrySnapshot | None = None,
    *,
    sequence: int = 5,
    issued_at: int = NOW,
    verification_method: str = METHOD,
    signer: Signer = AUTHORITY,
    **more: Any,
) -> bytes:
    """The file of a bundle; good unless told otherwise."""
    contents = BundleContents(sequence, issued_at, told or snapshot(), **more)
    return create_trust_bundle(contents, verification_method=verification_method, signer=signer)


def verify(
    file: bytes,
    *,
    known: RegistrySnapshot | None = None,
    seen: SeenBundle | None = None,
    now: int = NOW,
    **pin: Any,
) -> VerifiedTrustBundle:
    """What a desk that was set up with `PIN` takes from a file."""
    changed = replace(PIN, **pin)
    return verify_trust_bundle(parse_trust_bundle(file), pin=changed, known=known, newest_seen=seen, now=now)
