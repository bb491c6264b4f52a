"""Registry events as CBOR: the form in which a trust bundle carries them, and of which checkpoints are made.

An event is an array: the number of its kind, block number, block time, log index, then its members in a fixed order.
Each event has exactly one encoding, so that its hash means the same to everybody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

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

_ADDRESS_SIZE = 20
_HASH_SIZE = 32
_LARGEST_NUMBER = 2**63 - 1


class _Form(NamedTuple):
    """How one kind of member is written, and how it is read: `read` raises `ValueError` for anything else."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _read_number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _LARGEST_NUMBER:
        raise ValueError("a number of an event must be a whole one")
    return value


def _read_text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError("a name of an event must be text")
    return value


def _read_bytes(value: Any) -> bytes:
    if type(value) is not bytes:
        raise ValueError("a value of an event must be bytes")
    return value


def _read_address(value: Any) -> str:
    address = _read_bytes(value)
    if len(address) != _ADDRESS_SIZE:
        raise ValueError("an address of an event is 20 bytes")
    return "0x" + address.hex()


def _read_hash(value: Any) -> str:
    digest = _read_bytes(value)
    if len(digest) != _HASH_SIZE:
        raise ValueError("a hash of an event is 32 bytes")
    return digest.hex()


def _write_address(value: str) -> bytes:
    return bytes.fromhex(value[2:])


def _write_addresses(value: tuple[str, ...]) -> list[bytes]:
    return [_write_address(each) for each in value]


def _read_addresses(value: Any) -> tuple[str, ...]:
    if type(value) is not list:
        raise ValueError("the members of a governance must be a list")
    return tuple(_read_address(each) for each in value)


_NUMBER = _Form(int, _read_number)
_TEXT = _Form(str, _read_text)
_BYTES = _Form(bytes.fromhex, lambda value: _read_bytes(value).hex())
_ADDRESS = _Form(_write_address, _read_address)
_ADDRESSES = _Form(_write_addresses, _read_addresses)
_HASH = _Form(bytes.fromhex, _read_hash)
_ROLE = _Form(int, lambda value: Role(_read_number(value)))
_STATE = _Form(int, lambda value: AccreditationState(_read_number(value)))

EVENT_FORMS: dict[type[RegistryEvent], tuple[int, dict[str, _Form]]] = {
    OwnerChanged: (1, {"identity": _ADDRESS, "owner": _ADDRESS}),
    DelegateChanged: (2, {"identity": _ADDRESS, "delegate_type": _TEXT, "delegate": _ADDRESS, "valid_to": _NUMBER}),
    AttributeChanged: (3, {"identity": _ADDRESS, "name": _TEXT, "value": _BYTES, "valid_to": _NUMBER}),
    AccreditationChanged: (
        4,
        {
            "subject": _HASH,
            "role": _ROLE,
            "credential_type": _HASH,
            "valid_from": _NUMBER,
            "valid_until": _NUMBER,
            "state": _STATE,
            "grantor": _ADDRESS,
            "allowed_claims": _HASH,
            "policy": _HASH,
        },
    ),
    MandateChanged: (
        5,
        {
            "accreditor": _ADDRESS,
            "role": _ROLE,
            "credential_type": _HASH,
            "grantor": _ADDRESS,
            "valid_from": _NUMBER,
            "valid_until": _NUMBER,
            "state": _STATE,
            "depth": _NUMBER,
        },
    ),
    KeyKilled: (6, {"subject": _HASH, "key_hash": _HASH}),
    GovernanceChanged: (7, {"contract": _ADDRESS, "epoch": _NUMBER, "members": _ADDRESSES, "threshold": _NUMBER}),
    LogOwnerChanged: (8, {"log": _HASH, "owner": _ADDRESS}),
    Anchored: (9, {"log": _HASH, "index": _NUMBER, "size": _NUMBER, "root": _HASH, "head": _HASH}),
}
"""The number of each kind of event, and its members in their order."""

_WRITERS = {
    kind: (number, tuple((name, form.write) for name, form in members.items()))
    for kind, (number, members) in EVENT_FORMS.items()
}
_READERS = {
    number: (kind, tuple((name, form.read) for name, form in members.items()))
    for kind, (number, members) in EVENT_FORMS.items()
}
_PLACE_LENGTH = 4


def event_to_array(event: RegistryEvent) -> list[Any]:
    """An event as the array that CBOR encodes; `parse_event_array` reads it again."""
    number, members = _WRITERS[type(event)]
    at = event.at
    place = [number, at.block_number, at.block_timestamp, at.log_index]
    return place + [write(getattr(event, name)) for name, write in members]


def parse_event_array(value: Any) -> RegistryEvent:
    """The reverse of `event_to_array`, for what CBOR gave. Raises `ValueError` where it is no event that we know."""
    if type(value) is not list or len(value) < _PLACE_LENGTH or type(value[0]) is not int or value[0] not in _READERS:
        raise ValueError("not a registry event")
    kind, members = _READERS[value[0]]
    if len(value) != _PLACE_LENGTH + len(members):
        raise ValueError("a registry event with members too many or too few")
    at = Position(*map(_read_number, value[1:_PLACE_LENGTH]))
    read = {name: read_member(item) for (name, read_member), item in zip(members, value[_PLACE_LENGTH:], strict=True)}
    return kind(at=at, **read)
