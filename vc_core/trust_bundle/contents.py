"""What a trust bundle says, and its payload: one deterministic CBOR map.

The events are most of it. They go in as blocks of at most `EVENTS_PER_BLOCK`, each packed with zlib by itself, so that
a reader needs room for one block at a time and can bound it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from vc_core.crypto.cbor import decode_cbor, encode_cbor
from vc_core.ledger.events import RegistryEvent
from vc_core.ledger.merkle import InclusionProof
from vc_core.ledger.protocol import BlockHead
from vc_core.ledger.snapshot import RegistryAddresses, RegistrySnapshot
from vc_core.trust_bundle.events_cbor import event_to_array, parse_event_array

VERSION = 1
EVENTS_PER_BLOCK = 1000
MAX_BLOCKS = 1000
MAX_BLOCK_BYTES = 1024 * 1024
"""Of one block of events, unpacked."""
MAX_STATUS_LISTS = 1000
MAX_TOKEN_LENGTH = 2 * 1024 * 1024
MAX_URI_LENGTH = 2048
_MAX_PATH = 64
_CHECKPOINT = "sabai-registry-checkpoint"
_LARGEST_NUMBER = 2**63 - 1

_VERSION, _SEQUENCE, _ISSUED_AT, _CHAIN_ID, _CONTRACTS, _HEAD, _SYNCED_AT, _EVENTS, _LISTS, _ANCHOR = range(1, 11)
_REQUIRED = frozenset({_VERSION, _SEQUENCE, _ISSUED_AT, _CHAIN_ID, _CONTRACTS, _HEAD, _SYNCED_AT, _EVENTS, _LISTS})


@dataclass(frozen=True)
class StatusListCopy:
    """A status list token as its issuer signed it, and the address (`sub`) that it is published at."""

    uri: str
    token: str


@dataclass(frozen=True)
class Checkpoint:
    """The registry as of the block `head`: so many first events, with this Merkle root (32 bytes) over them."""

    chain_id: int
    addresses: RegistryAddresses
    head: BlockHead
    event_count: int
    events_root: bytes

    def to_entry(self) -> bytes:
        """The checkpoint's entry in the log whose roots are anchored: one line of ASCII, without its end.

        `parse_checkpoint` reads it again.
        """
        contracts = (self.addresses.did_registry, self.addresses.trust_registry, self.addresses.anchors)
        head = (str(self.head.number), "0x" + self.head.hash.hex(), str(self.head.timestamp))
        registry = (str(self.chain_id), *("0x" + contract.hex() for contract in contracts))
        members = (_CHECKPOINT, *registry, *head, str(self.event_count), self.events_root.hex())
        return " ".join(members).encode("ascii")


def parse_checkpoint(entry: bytes) -> Checkpoint:
    """The reverse of `Checkpoint.to_entry`. Raises `ValueError` for anything else."""
    try:
        word, chain_id, did, trust, anchors, number, block_hash, timestamp, count, root = entry.decode("ascii").split(
            " "
        )
        addresses = RegistryAddresses(*(bytes.fromhex(each[2:]) for each in (did, trust, anchors)))
        head = BlockHead(int(number), bytes.fromhex(block_hash[2:]), int(timestamp))
        checkpoint = Checkpoint(int(chain_id), addresses, head, int(count), bytes.fromhex(root))
    except (TypeError, ValueError) as cause:
        raise ValueError("not a checkpoint of a registry") from cause
    if word != _CHECKPOINT or checkpoint.to_entry() != entry:
        raise ValueError("not a checkpoint of a registry")
    return checkpoint


@dataclass(frozen=True)
class AnchoredCheckpoint:
    """Evidence that a checkpoint of the bundle's registry is in an anchored log.

    The anchor is root number `index` of the log `log` (32 bytes), over `size` entries, as the contract `contract` (20
    bytes) of the chain `chain_id` told it in the block `block_number`; `root` and `log_head` are 32 bytes. `proof`
    leads from the checkpoint (the registry at the block `head`, `event_count` events) to the root.
    """

    chain_id: int
    contract: bytes
    log: bytes
    index: int
    size: int
    root: bytes
    log_head: bytes
    block_number: int
    head: BlockHead
    event_count: int
    proof: InclusionProof


@dataclass(frozen=True)
class BundleContents:
    """All that a bundle says. `sequence` rises with every bundle of a signer; times in seconds since 1970."""

    sequence: int
    issued_at: int
    snapshot: RegistrySnapshot
    status_lists: tuple[StatusListCopy, ...] = ()
    anchor: AnchoredCheckpoint | None = None


def encode_contents(contents: BundleContents) -> bytes:
    """The payload. Raises `ValueError` where there is more of something than a reader takes."""
    snapshot = contents.snapshot
    if len(snapshot.events) > EVENTS_PER_BLOCK * MAX_BLOCKS or len(contents.status_lists) > MAX_STATUS_LISTS:
        raise ValueError("more events or status lists than a trust bundle may have")
    if any(len(each.uri) > MAX_URI_LENGTH or len(each.token) > MAX_TOKEN_LENGTH for each in contents.status_lists):
        raise ValueError("a status list is larger than a trust bundle may have it")
    payload: dict[int, Any] = {
        _VERSION: VERSION,
        _SEQUENCE: contents.sequence,
        _ISSUED_AT: contents.issued_at,
        _CHAIN_ID: snapshot.chain_id,
        _CONTRACTS: _addresses_to_array(snapshot.addresses),
        _HEAD: _head_to_array(snapshot.head),
        _SYNCED_AT: snapshot.synced_at,
        _EVENTS: [_pack(block) for block in _blocks(snapshot.events)],
        _LISTS: [[each.uri, each.token] for each in contents.status_lists],
    }
    if contents.anchor is not None:
        payload[_ANCHOR] = _anchor_to_array(contents.anchor)
    return encode_cbor(payload)


def decode_contents(payload: bytes) -> BundleContents:
    """The reverse of `encode_contents`, within limits. Raises `ValueError` for anything else.

    To be called only with what a pinned signer signed: it unpacks.
    """
    members = decode_cbor(payload)
    if not isinstance(members, dict) or members.keys() - {_ANCHOR} != _REQUIRED:
        raise ValueError("a trust bundle of another form")
    if _number(members[_VERSION]) != VERSION:
        raise ValueError("a trust bundle of another version")
    anchor = members.get(_ANCHOR)
    return BundleContents(
        sequence=_number(members[_SEQUENCE]),
        issued_at=_number(members[_ISSUED_AT]),
        snapshot=RegistrySnapshot(
            chain_id=_number(members[_CHAIN_ID]),
            addresses=_parse_addresses(members[_CONTRACTS]),
            head=_parse_head(members[_HEAD]),
            synced_at=_number(members[_SYNCED_AT]),
            events=tuple(_parse_events(_array(members[_EVENTS], at_most=MAX_BLOCKS))),
        ),
        status_lists=tuple(_parse_list(each) for each in _array(members[_LISTS], at_most=MAX_STATUS_LISTS)),
        anchor=None if anchor is None else _parse_anchor(anchor),
    )


def _blocks(events: Sequence[RegistryEvent]) -> Iterator[Sequence[RegistryEvent]]:
    for first in range(0, len(events), EVENTS_PER_BLOCK):
        yield events[first : first + EVENTS_PER_BLOCK]


def _pack(events: Sequence[RegistryEvent]) -> bytes:
    plain = encode_cbor([event_to_array(event) for event in events])
    if len(plain) > MAX_BLOCK_BYTES:
        raise ValueError("the events are larger than a trust bundle may have them")
    return zlib.compress(plain, level=9)


def _parse_events(blocks: Sequence[Any]) -> Iterator[RegistryEvent]:
    """Every block but the last is full, so that the same events can't be packed in two ways."""
    for place, block in enumerate(blocks, start=1):
        events = _array(decode_cbor(_unpack(block)), at_most=EVENTS_PER_BLOCK)
        if not events or (place < len(blocks) and len(events) < EVENTS_PER_BLOCK):
            raise ValueError("a block of events that is not full")
        yield from (parse_event_array(event) for event in events)


def _unpack(packed: Any) -> bytes:
    if not isinstance(packed, bytes):
        raise ValueError("a block of events is not bytes")
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(packed, MAX_BLOCK_BYTES + 1)
    except zlib.error as cause:
        raise ValueError("a block of events that can't be unpacked") from cause
    if len(plain) > MAX_BLOCK_BYTES or not stream.eof or stream.unused_data:
        raise ValueError("a block of events is too large, or ends too early or too late")
    return plain


def _parse_list(value: Any) -> StatusListCopy:
    uri, token = _array(value, of=2)
    if not isinstance(uri, str) or not isinstance(token, str):
        raise ValueError("a status list is an address and a token")
    if len(uri) > MAX_URI_LENGTH or len(token) > MAX_TOKEN_LENGTH or not token.isascii():
        raise ValueError("a status list is too large")
    return StatusListCopy(uri, token)


def _anchor_to_array(anchor: AnchoredCheckpoint) -> list[Any]:
    place: list[Any] = [
        anchor.chain_id,
        anchor.contract,
        anchor.log,
        anchor.index,
        anchor.size,
        anchor.root,
        anchor.log_head,
    ]
    place.append(anchor.block_number)
    proof = [anchor.proof.index, anchor.proof.size, list(anchor.proof.path)]
    return [place, _head_to_array(anchor.head), anchor.event_count, proof]


def _parse_anchor(value: Any) -> AnchoredCheckpoint:
    place, head, event_count, proof = _array(value, of=4)
    chain_id, contract, log, index, size, root, log_head, block_number = _array(place, of=8)
    leaf, tree_size, path = _array(proof, of=3)
    steps = tuple(_bytes(step, 32) for step in _array(path, at_most=_MAX_PATH))
    return AnchoredCheckpoint(
        chain_id=_number(chain_id),
        contract=_bytes(contract, 20),
        log=_bytes(log, 32),
        index=_number(index),
        size=_number(size),
        root=_bytes(root, 32),
        log_head=_bytes(log_head, 32),
        block_number=_number(block_number),
        head=_parse_head(head),
        event_count=_number(event_count),
        proof=InclusionProof(_number(leaf), _number(tree_size), steps),
    )


def _addresses_to_array(addresses: RegistryAddresses) -> list[bytes]:
    return [addresses.did_registry, addresses.trust_registry, addresses.anchors]


def _parse_addresses(value: Any) -> RegistryAddresses:
    return RegistryAddresses(*(_bytes(each, 20) for each in _array(value, of=3)))


def _head_to_array(head: BlockHead) -> list[Any]:
    return [head.number, head.hash, head.timestamp]


def _parse_head(value: Any) -> BlockHead:
    number, block_hash, timestamp = _array(value, of=3)
    return BlockHead(_number(number), _bytes(block_hash, 32), _number(timestamp))


def _array(value: Any, *, of: int | None = None, at_most: int = 0) -> list[Any]:
    if not isinstance(value, list) or (len(value) != of if of is not None else len(value) > at_most):
        raise ValueError("a list of a trust bundle is missing, or too long or short")
    return value


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _LARGEST_NUMBER:
        raise ValueError("a number of a trust bundle must be a whole one")
    return value


def _bytes(value: Any, size: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != size:
        raise ValueError("a hash or address of a trust bundle is of another length")
    return value
