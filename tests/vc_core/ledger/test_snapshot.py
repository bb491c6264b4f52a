"""Registry snapshots over JSON, and what reads them without an EVM library."""

import copy
import json
import subprocess
import sys
from typing import Any

import pytest

from vc_core.ledger.events import (
    GOVERNANCE,
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
    Role,
)
from vc_core.ledger.protocol import BlockHead
from vc_core.ledger.snapshot import RegistryAddresses, RegistrySnapshot, parse_registry_snapshot

IDENTITY = "0x" + "12" * 20
REVOKED = AccreditationState.REVOKED
SNAPSHOT = RegistrySnapshot(
    chain_id=1337,
    addresses=RegistryAddresses(b"\x01" * 20, b"\x02" * 20, b"\x03" * 20),
    head=BlockHead(9, b"\x03" * 32, 1_790_000_000),
    synced_at=1_790_000_005,
    events=(
        OwnerChanged(Position(1, 10, 0), IDENTITY, "0x" + "34" * 20),
        DelegateChanged(Position(2, 20, 0), IDENTITY, "veriKey", "0x" + "56" * 20, 99),
        AttributeChanged(Position(2, 20, 1), IDENTITY, "sabai/name", "41", 99),
        AccreditationChanged(Position(3, 30, 0), "aa" * 32, Role.ISSUE, "bb" * 32, 5, 50, AccreditationState.ACTIVE),
        MandateChanged(Position(3, 30, 1), IDENTITY, Role.ISSUE, "bb" * 32, GOVERNANCE, 5, 50, REVOKED, 3),
        KeyKilled(Position(3, 30, 2), "aa" * 32, "cc" * 32),
        GovernanceChanged(Position(3, 30, 3), IDENTITY, 2, (IDENTITY, GOVERNANCE), 1),
        LogOwnerChanged(Position(3, 30, 4), "dd" * 32, IDENTITY),
        Anchored(Position(3, 30, 5), "dd" * 32, 1, 7, "ee" * 32, "ff" * 32),
    ),
)


def test_there_and_back() -> None:
    assert parse_registry_snapshot(json.loads(json.dumps(SNAPSHOT.to_json()))) == SNAPSHOT


def test_its_state() -> None:
    state = SNAPSHOT.state()

    assert list(state.identity_events(IDENTITY)) == list(SNAPSHOT.events[:3])
    assert state.accreditation("aa" * 32, Role.ISSUE, "bb" * 32, at=30) == SNAPSHOT.events[3]
    assert state.mandate(IDENTITY, Role.ISSUE, "bb" * 32, at=30) == SNAPSHOT.events[4]
    assert state.killed_key("aa" * 32, "cc" * 32) == SNAPSHOT.events[5]
    assert state.governance(IDENTITY, at=30) == SNAPSHOT.events[6]
    assert state.log_owner("dd" * 32) == SNAPSHOT.events[7]
    assert list(state.anchors("dd" * 32)) == [SNAPSHOT.events[8]]
    assert state.mandate(IDENTITY, Role.ISSUE, "bb" * 32, at=29) is None
    assert state.governance(IDENTITY, at=29) is None
    assert state.killed_key("ab" * 32, "cc" * 32) is None


FAULTS: list[tuple[tuple[Any, ...], Any]] = [
    (("chain_id",), "1337"),
    (("chain_id",), True),
    (("contracts",), None),
    (("contracts", "DidRegistry"), "0x01"),
    (("contracts", "DidRegistry"), "01" * 20),
    (("contracts", "TrustRegistry"), 7),
    (("contracts", "Anchors"), None),
    (("head",), []),
    (("head", "number"), -1),
    (("head", "hash"), "0x" + "GG" * 32),
    (("synced_at",), 1.5),
    (("events",), {}),
    (("events", 0), "event"),
    (("events", 0, "kind"), "Selfdestruct"),
    (("events", 0, "owner"), 7),
    (("events", 0, "at"), None),
    (("events", 0, "at", "log_index"), "0"),
    (("events", 2, "value"), "no hex"),
    (("events", 2, "valid_to"), None),
    (("events", 3, "role"), 9),
    (("events", 3, "state"), 0),
    (("events", 3, "grantor"), None),
    (("events", 3, "policy"), "no hex"),
    (("events", 4, "depth"), -1),
    (("events", 4, "accreditor"), 7),
    (("events", 5, "key_hash"), "no hex"),
    (("events", 6, "members"), None),
    (("events", 6, "members"), [7]),
    (("events", 6, "threshold"), True),
    (("events", 7, "owner"), None),
    (("events", 8, "size"), "7"),
]


@pytest.mark.parametrize(("path", "value"), FAULTS)
def test_one_fault_each(path: tuple[Any, ...], value: Any) -> None:
    broken = copy.deepcopy(SNAPSHOT.to_json())
    place: Any = broken
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value

    with pytest.raises(ValueError, match="regist"):
        parse_registry_snapshot(broken)


@pytest.mark.parametrize("name", ["chain_id", "contracts", "head", "synced_at", "events"])
def test_one_member_missing(name: str) -> None:
    broken = SNAPSHOT.to_json()
    del broken[name]

    with pytest.raises(ValueError, match="registry snapshot"):
        parse_registry_snapshot(broken)


def test_events_out_of_order_make_no_state() -> None:
    snapshot = SNAPSHOT.to_json()
    snapshot["events"].reverse()

    with pytest.raises(ValueError, match="order"):
        parse_registry_snapshot(snapshot).state()


def test_a_wallet_needs_no_evm_library() -> None:
    program = (
        "import sys, vc_core.trust, vc_core.did.ethr, vc_core.ledger.snapshot, vc_core.ledger.registry_state\n"
        "roots = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not [root for root in roots if root.startswith('eth') or root in ('rlp', 'coincurve')], roots\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True)
