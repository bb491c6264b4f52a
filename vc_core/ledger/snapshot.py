"""A registry written down: which one, how far it was read and when, and every event up to there.

The mirror keeps its progress in this form, and a wallet provider serves it, so that a wallet can know the registry
without speaking to a chain. What a snapshot says is as good as the place that it came from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vc_core.errors import WrongChain
from vc_core.ledger.events import RegistryEvent, parse_event, to_json
from vc_core.ledger.protocol import BlockHead
from vc_core.ledger.registry_state import RegistryState

_ADDRESS = re.compile(r"0x[0-9a-f]{40}\Z")
_BLOCK_HASH = re.compile(r"0x[0-9a-f]{64}\Z")


@dataclass(frozen=True)
class RegistryAddresses:
    """Where on the chain the registries are (20 bytes each)."""

    did_registry: bytes
    trust_registry: bytes
    anchors: bytes


@dataclass(frozen=True)
class RegistrySnapshot:
    """The events of a registry up to the block `head`; at `synced_at` (seconds since 1970) that was the newest."""

    chain_id: int
    addresses: RegistryAddresses
    head: BlockHead
    synced_at: int
    events: tuple[RegistryEvent, ...]

    def to_json(self) -> dict[str, Any]:
        """The snapshot as a JSON object; `parse_registry_snapshot` reads it again."""
        return {
            "chain_id": self.chain_id,
            "contracts": {
                "DidRegistry": "0x" + self.addresses.did_registry.hex(),
                "TrustRegistry": "0x" + self.addresses.trust_registry.hex(),
                "Anchors": "0x" + self.addresses.anchors.hex(),
            },
            "head": {
                "number": self.head.number,
                "hash": "0x" + self.head.hash.hex(),
                "timestamp": self.head.timestamp,
            },
            "synced_at": self.synced_at,
            "events": [to_json(event) for event in self.events],
        }

    def check_told_again(self, told: RegistrySnapshot) -> tuple[RegistryEvent, ...]:
        """The events that `told` has and this snapshot doesn't; none where it goes less far.

        Raises `WrongChain` where it is of another registry, or tells another history of the same one.
        """
        if (told.chain_id, told.addresses) != (self.chain_id, self.addresses):
            raise WrongChain("it is of another chain, or of other contracts, than what is known")
        shorter, longer = sorted((self, told), key=lambda each: each.head.number)
        same_head = shorter.head == longer.head or shorter.head.number < longer.head.number
        shared = len(shorter.events)
        later = longer.events[shared:]
        overlaps = bool(later) and later[0].at.block_number <= shorter.head.number
        if not same_head or overlaps or longer.events[:shared] != shorter.events:
            raise WrongChain("it tells another history of the registry than what is known")
        return later if longer is told else ()

    def state(self) -> RegistryState:
        """The registry that the events describe. Raises `ValueError` where they are out of order."""
        return RegistryState(self.events)


def parse_registry_snapshot(value: Mapping[str, Any]) -> RegistrySnapshot:
    """The reverse of `RegistrySnapshot.to_json`. Raises `ValueError` where a member is missing or wrong."""
    try:
        contracts, head, events = value["contracts"], value["head"], value["events"]
        if not isinstance(events, list):
            raise ValueError("the events of a registry snapshot must be a list")
        return RegistrySnapshot(
            chain_id=_parse_number(value["chain_id"]),
            addresses=RegistryAddresses(
                *(_parse_hex(contracts[name], _ADDRESS) for name in ("DidRegistry", "TrustRegistry", "Anchors"))
            ),
            head=BlockHead(
                _parse_number(head["number"]), _parse_hex(head["hash"], _BLOCK_HASH), _parse_number(head["timestamp"])
            ),
            synced_at=_parse_number(value["synced_at"]),
            events=tuple(parse_event(event) for event in events),
        )
    except (KeyError, TypeError) as cause:
        raise ValueError("not a registry snapshot") from cause


def _parse_number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("a number of a registry snapshot must be a whole one")
    return value


def _parse_hex(value: Any, form: re.Pattern[str]) -> bytes:
    if not isinstance(value, str) or not form.match(value):
        raise ValueError("a registry snapshot has an address or hash that is none")
    return bytes.fromhex(value[2:])
