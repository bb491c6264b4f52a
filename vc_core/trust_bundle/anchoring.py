"""From a registry to a root on a chain: checkpoints, and the evidence that one is in an anchored log.

A checkpoint says what the registry was at a block, as one Merkle root over its events. Checkpoints are entries of a
log, and the log's roots are anchored: on the registry's own chain, or on a public one, where many may rely on them.
Whoever holds a bundle can then show that its registry is the one that everybody was told of, at that block, and a
signer can't tell one desk another history than the others without leaving traces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vc_core.crypto.cbor import encode_cbor
from vc_core.errors import LedgerError, TrustBundleRefused
from vc_core.ledger.events import Anchored, log_id
from vc_core.ledger.merkle import MerkleTree, verify_inclusion
from vc_core.ledger.protocol import BlockHead
from vc_core.ledger.registry_state import RegistryState
from vc_core.ledger.snapshot import RegistrySnapshot
from vc_core.trust_bundle.contents import AnchoredCheckpoint, Checkpoint
from vc_core.trust_bundle.events_cbor import event_to_array

CHECKPOINT_LOG = "sabai/registry"
"""The public name of the log of checkpoints."""


@dataclass(frozen=True)
class VerifiedAnchor:
    """A proof that leads from the bundle's registry to an anchored root.

    The first `event_count` events, up to the block `head`, are covered. `in_registry`: the anchor is of the registry's
    own chain, and the bundle's events tell of it; otherwise only a node of chain `chain_id` can say if it is there.
    """

    chain_id: int
    index: int
    head: BlockHead
    event_count: int
    in_registry: bool


def create_checkpoint(snapshot: RegistrySnapshot) -> Checkpoint:
    """The registry as of the snapshot's head. Raises `ValueError` where it has no events."""
    return _checkpoint(snapshot, snapshot.head, len(snapshot.events))


def create_anchored_checkpoint(
    checkpoints: Sequence[Checkpoint], place: int, anchored: Anchored, *, chain_id: int, contract: bytes
) -> AnchoredCheckpoint:
    """The evidence for the checkpoint at `place` (from 0) of the log, by an anchor over its first `anchored.size`.

    `chain_id` and `contract` (20 bytes) say where the anchor is. Raises `LedgerError` where the anchor is not of these
    checkpoints, or of fewer.
    """
    if not place < anchored.size <= len(checkpoints):
        raise LedgerError("the anchor is of another number of checkpoints")
    tree = MerkleTree(checkpoint.to_entry() for checkpoint in checkpoints[: anchored.size])
    if tree.root.hex() != anchored.root:
        raise LedgerError("the anchor is of other checkpoints")
    return AnchoredCheckpoint(
        chain_id=chain_id,
        contract=contract,
        log=bytes.fromhex(anchored.log),
        index=anchored.index,
        size=anchored.size,
        root=tree.root,
        log_head=bytes.fromhex(anchored.head),
        block_number=anchored.at.block_number,
        head=checkpoints[place].head,
        event_count=checkpoints[place].event_count,
        proof=tree.create_proof(place),
    )


def verify_anchor(snapshot: RegistrySnapshot, anchor: AnchoredCheckpoint, state: RegistryState) -> VerifiedAnchor:
    """Checks that the anchor's root covers what the snapshot tells; `state` is the snapshot's.

    Raises `TrustBundleRefused`. An anchor on another chain is checked as far as one can without asking that chain.
    """
    log = log_id(CHECKPOINT_LOG)
    if anchor.log != log or not _is_cut(snapshot, anchor):
        raise TrustBundleRefused("The trust bundle's proof is of another registry or log.")
    checkpoint = _checkpoint(snapshot, anchor.head, anchor.event_count)
    try:
        verify_inclusion(checkpoint.to_entry(), anchor.proof, root=anchor.root, size=anchor.size)
    except LedgerError as cause:
        raise TrustBundleRefused("The trust bundle's proof does not lead to the anchored root.") from cause
    own = (anchor.chain_id, anchor.contract) == (snapshot.chain_id, snapshot.addresses.anchors)
    if own and not any(_is_told(anchor, told) for told in state.anchors(log.hex())):
        raise TrustBundleRefused("The trust bundle's registry does not have the anchor that its proof leads to.")
    return VerifiedAnchor(anchor.chain_id, anchor.index, anchor.head, anchor.event_count, own)


def _checkpoint(snapshot: RegistrySnapshot, head: BlockHead, event_count: int) -> Checkpoint:
    entries = (encode_cbor(event_to_array(event)) for event in snapshot.events[:event_count])
    return Checkpoint(snapshot.chain_id, snapshot.addresses, head, event_count, MerkleTree(entries).root)


def _is_cut(snapshot: RegistrySnapshot, anchor: AnchoredCheckpoint) -> bool:
    """Whether the checkpoint's events are just those of the snapshot up to the checkpoint's block."""
    head, count = anchor.head, anchor.event_count
    if not 0 < count <= len(snapshot.events) or head.number > snapshot.head.number:
        return False
    if head.number == snapshot.head.number and head != snapshot.head:
        return False
    after = snapshot.events[count : count + 1]
    return snapshot.events[count - 1].at.block_number <= head.number and all(
        event.at.block_number > head.number for event in after
    )


def _is_told(anchor: AnchoredCheckpoint, told: Anchored) -> bool:
    ours = (anchor.index, anchor.size, anchor.root.hex(), anchor.log_head.hex(), anchor.block_number)
    return ours == (told.index, told.size, told.root, told.head, told.at.block_number)
