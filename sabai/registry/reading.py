"""What the registry says of an organisation, for a person to read: its names, keys, accreditations and history."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sabai.registry.access import OpenRegistry
from sabai.registry.words import format_moment
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.crypto.keys import KeyFormatError, PublicKey
from vc_core.did.ethr import create_did, did_document, parse_did_ethr
from vc_core.errors import InvalidRequest, Rejection
from vc_core.ledger.events import (
    GOVERNANCE,
    KEY_ATTRIBUTE,
    NAME_ATTRIBUTE,
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
    RegistryEvent,
    Role,
    credential_type_id,
    key_hash,
    subject_id,
)
from vc_core.ledger.governance import Action
from vc_core.ledger.mirror import MemoryMirrorStore, RegistryMirror
from vc_core.ledger.registry_state import RegistryState
from vc_core.ledger.snapshot import RegistrySnapshot
from vc_core.trust import RegistryTrust
from vc_core.wallet_providers import WALLET_ATTESTATION, WALLET_ATTESTATION_NAME

_LOOK_SECONDS = 0.1


async def read_registry(
    opened: OpenRegistry, *, progress: Callable[[int, int], None] | None = None
) -> RegistrySnapshot:
    """Everything that the registry ever told, read from the chain; `progress` is told blocks read, and of how many."""
    known = opened.known
    mirror = RegistryMirror(
        opened.ledger, known.addresses, MemoryMirrorStore(), opened.clock, first_block=known.first_block
    )
    reading = asyncio.ensure_future(mirror.advance())
    last = (await opened.ledger.head()).number if progress else 0
    while progress is not None and not reading.done():
        progress(mirror.head.number if mirror.head else 0, last)
        await asyncio.wait([reading], timeout=_LOOK_SECONDS)
    await reading
    return mirror.snapshot()


@dataclass(frozen=True)
class NumberedKey:
    """A key with the fragments of the events that set it, the newest last, and until when (seconds since 1970).

    `valid_to` is 0 once it is revoked.
    """

    fragments: tuple[str, ...]
    use: str
    key: PublicKey | None
    value: str
    valid_to: int

    @property
    def fragment(self) -> str:
        """The newest fragment."""
        return self.fragments[-1]


class RegistryReading:
    """A snapshot with the names that give its hashes a meaning."""

    def __init__(self, snapshot: RegistrySnapshot, *, now: int) -> None:
        """`now`: seconds since 1970; what holds is told as of then."""
        self.snapshot = snapshot
        self.now = now
        self.state = RegistryState(snapshot.events)
        self.trust = RegistryTrust(self.state, chain_id=snapshot.chain_id, synced_at=snapshot.synced_at)

    @cached_property
    def dids(self) -> tuple[str, ...]:
        """Every DID that the registry has an event of, the oldest first."""
        identities = [
            event.identity
            for event in self.snapshot.events
            if isinstance(event, OwnerChanged | DelegateChanged | AttributeChanged)
        ]
        return tuple(create_did(self.snapshot.chain_id, bytes.fromhex(each[2:])) for each in dict.fromkeys(identities))

    @cached_property
    def _subjects(self) -> dict[str, str]:
        return {subject_id(did).hex(): did for did in self.dids}

    @cached_property
    def _types(self) -> dict[str, str]:
        names = {vct: each.name for vct, each in CREDENTIAL_TYPES.items()} | {
            WALLET_ATTESTATION: WALLET_ATTESTATION_NAME
        }
        return {credential_type_id(vct).hex(): name for vct, name in names.items()}

    def subject(self, identifier: str) -> str:
        """The DID behind a subject's id, or the id itself where no DID here has it."""
        return self._subjects.get(identifier, identifier)

    def credential_type(self, identifier: str) -> str:
        """The name behind a credential type's id, or the id itself."""
        return self._types.get(identifier, identifier)

    def grantor(self, identity: str) -> str:
        """Who gave an accreditation: `governance`, or an accreditor's DID."""
        if identity == GOVERNANCE:
            return "governance"
        return create_did(self.snapshot.chain_id, bytes.fromhex(identity[2:]))

    def require(self, did: str) -> str:
        """The DID. Raises `InvalidRequest` where the registry has nothing of it."""
        if not self.state.identity_events(_address(did)) and not self._accreditations(did):
            raise InvalidRequest("The registry has nothing of this DID.")
        return did

    def keys(self, did: str) -> list[NumberedKey]:
        """The keys and delegates of a DID, each once, under its newest fragment."""
        found: dict[str, NumberedKey] = {}
        number = 0
        for event in self.state.identity_events(_address(did)):
            if isinstance(event, DelegateChanged):
                number += 1
                name, value = event.delegate_type, event.delegate
            elif isinstance(event, AttributeChanged) and event.name.startswith("did/pub/"):
                number += 1
                name, value = event.name, event.value
            else:
                continue
            key = _public_key(value) if name == KEY_ATTRIBUTE else None
            before = found.get(value)
            fragments = before.fragments if before else ()
            if event.valid_to or not fragments:
                fragments = (*fragments, f"delegate-{number}")
            found[value] = NumberedKey(fragments, name, key, value, event.valid_to)
        return list(found.values())

    def key_of(self, did: str, fragment: str) -> PublicKey:
        """The key that a fragment names or named, valid or not. Raises `InvalidRequest`."""
        for each in self.keys(did):
            if fragment in each.fragments and each.key is not None:
                return each.key
        raise InvalidRequest("The DID has no such key; `sabai registry show` lists those that it has.")

    def key_state(self, did: str, each: NumberedKey) -> str:
        """`killed`, `revoked`, `expired` or `valid`."""
        subject = subject_id(did).hex()
        if each.key and self.state.killed_key(subject, key_hash(each.key.to_multikey()).hex()):
            return "killed"
        if each.valid_to == 0:
            return "revoked"
        return "valid" if self.now <= each.valid_to else "expired"

    def organisation(self, did: str) -> dict[str, Any]:
        """Everything about one organisation, as a JSON object."""
        document = did_document(did, self.state.identity_events(_address(did)), self.now)
        return {
            "did": did,
            "name": self.trust.name(did),
            "deactivated": document.deactivated,
            "owner": self.owner(did),
            "keys": [self._key_json(did, each) for each in self.keys(did)],
            "accreditations": [self._accreditation_json(did, each) for each in self._accreditations(did)],
            "mandates": [self._mandate_json(each) for each in self._mandates(_address(did))],
            "did_document": document.to_json(),
        }

    def owner(self, did: str) -> str | None:
        """The account (0x and 40 hex digits) that controls a DID; None once it is deactivated."""
        address = _address(did)
        changes = [event for event in self.state.identity_events(address) if isinstance(event, OwnerChanged)]
        owner = changes[-1].owner if changes else address
        return None if owner == GOVERNANCE else owner

    def overview(self) -> dict[str, Any]:
        """The registry itself, and one line for each organisation, as a JSON object."""
        snapshot = self.snapshot
        contracts = snapshot.to_json()["contracts"]
        return {
            "chain_id": snapshot.chain_id,
            "head": {"number": snapshot.head.number, "timestamp": snapshot.head.timestamp},
            "contracts": contracts,
            "governance": {name: self._governance_json(contracts[name]) for name in ("TrustRegistry", "Anchors")},
            "organisations": [self._line_json(did) for did in self.dids],
        }

    def history(self, did: str | None = None) -> list[dict[str, Any]]:
        """What happened, the oldest first, as JSON objects; of one organisation, or of all."""
        lines = []
        for event in self.snapshot.events:
            about, what = self._tell(event)
            if did is None or about == did:
                at = event.at
                lines.append({"block": at.block_number, "time": at.block_timestamp, "about": about, "what": what})
        return lines

    def tell_action(self, action: Action) -> str:
        """What a proposed action does, in words; ids that are known here by their names. Raises `LedgerError`."""
        function, arguments = action.decode()
        return (
            f"{function}("
            + ", ".join(f"{name}: {self._tell_argument(name, arguments[name])}" for name in arguments)
            + ")"
        )

    def _tell_argument(self, name: str, value: Any) -> str:
        match name, value:
            case (("validFrom" | "validUntil"), int()):
                return format_moment(value)
            case "role", int():
                return next((role.name.lower() for role in Role if role == value), str(value))
            case "state", int():
                return next((state.name.lower() for state in AccreditationState if state == value), str(value))
            case "subject", bytes():
                return self.subject(value.hex())
            case "credentialType", bytes():
                return self.credential_type(value.hex())
            case _, bytes():
                return value.hex() if any(value) else "none"
            case _, (tuple() | list()):
                return ", ".join(str(each) for each in value)
        return str(value)

    def _tell(self, event: RegistryEvent) -> tuple[str, str]:
        """What an event is about (a DID where it is of one organisation), and what it says."""
        match event:
            case OwnerChanged() | DelegateChanged() | AttributeChanged():
                did = create_did(self.snapshot.chain_id, bytes.fromhex(event.identity[2:]))
                return did, _tell_of_identity(event)
            case AccreditationChanged():
                return self.subject(event.subject), "accreditation " + self._tell_of_grant(event)
            case MandateChanged():
                mandate = f"mandate of depth {event.depth} " + self._tell_of_grant(event)
                return self.grantor(event.accreditor), mandate
            case KeyKilled():
                return self.subject(event.subject), f"key killed, SHA-256 {event.key_hash}"
            case GovernanceChanged():
                return event.contract, f"governance: {event.threshold} of {len(event.members)} members decide"
            case LogOwnerChanged():
                return event.log, f"log given to {event.owner}"
            case Anchored():
                return event.log, f"anchored root {event.index} over {event.size} entries: {event.root}"

    def _tell_of_grant(self, event: AccreditationChanged | MandateChanged) -> str:
        kind = self.credential_type(event.credential_type)
        return f"{event.state.name.lower()}: {event.role.name.lower()} {kind}, by {self.grantor(event.grantor)}"

    @cached_property
    def _newest_accreditations(self) -> dict[str, dict[tuple[int, str], AccreditationChanged]]:
        found: dict[str, dict[tuple[int, str], AccreditationChanged]] = {}
        for event in self.snapshot.events:
            if isinstance(event, AccreditationChanged):
                found.setdefault(event.subject, {})[event.role, event.credential_type] = event
        return found

    def _accreditations(self, did: str) -> list[AccreditationChanged]:
        return list(self._newest_accreditations.get(subject_id(did).hex(), {}).values())

    def _mandates(self, address: str) -> list[MandateChanged]:
        newest: dict[tuple[int, str], MandateChanged] = {}
        for event in self.snapshot.events:
            if isinstance(event, MandateChanged) and event.accreditor == address:
                newest[event.role, event.credential_type] = event
        return list(newest.values())

    def _in_force(self, did: str, event: AccreditationChanged) -> bool | None:
        """Whether a verification would take it now; None for a type that is not known here."""
        known = (*CREDENTIAL_TYPES, WALLET_ATTESTATION)
        vct = {credential_type_id(vct).hex(): vct for vct in known}.get(event.credential_type)
        if vct is None:
            return None
        try:
            self.trust.accreditation(did, event.role, vct, at=self.now)
        except Rejection:
            return False
        return True

    def _key_json(self, did: str, each: NumberedKey) -> dict[str, Any]:
        return {
            "id": f"{did}#{each.fragment}",
            "algorithm": str(each.key.algorithm) if each.key else each.use,
            "value": each.value,
            "valid_to": each.valid_to,
            "state": self.key_state(did, each),
        }

    def _accreditation_json(self, did: str, event: AccreditationChanged) -> dict[str, Any]:
        return {**self._grant_json(event), "in_force": self._in_force(did, event)}

    def _mandate_json(self, event: MandateChanged) -> dict[str, Any]:
        return {**self._grant_json(event), "depth": event.depth}

    def _grant_json(self, event: AccreditationChanged | MandateChanged) -> dict[str, Any]:
        return {
            "role": event.role.name.lower(),
            "credential_type": self.credential_type(event.credential_type),
            "valid_from": event.valid_from,
            "valid_until": event.valid_until,
            "state": event.state.name.lower(),
            "grantor": self.grantor(event.grantor),
        }

    def _governance_json(self, contract: str) -> dict[str, Any]:
        governance = self.state.governance(contract, at=self.now)
        if governance is None:
            return {"members": [], "threshold": 0}
        return {"members": list(governance.members), "threshold": governance.threshold}

    def _line_json(self, did: str) -> dict[str, Any]:
        active = [
            f"{each.role.name.lower()} {self.credential_type(each.credential_type)}"
            for each in self._accreditations(did)
            if self._in_force(did, each)
        ]
        return {"did": did, "name": self.trust.name(did), "owner": self.owner(did), "accredited": active}


def _tell_of_identity(event: OwnerChanged | DelegateChanged | AttributeChanged) -> str:
    if isinstance(event, OwnerChanged):
        return "deactivated for good" if event.owner == GOVERNANCE else f"handed over to {event.owner}"
    if isinstance(event, DelegateChanged):
        what = f"delegate {event.delegate}"
    elif event.name == NAME_ATTRIBUTE:
        what = "name"
    elif event.name == KEY_ATTRIBUTE:
        key = _public_key(event.value)
        what = f"key {key.algorithm if key else 'of another kind'} {event.value}"
    else:
        what = f"attribute {event.name!r}"
    return f"{what} {'withdrawn' if event.valid_to == 0 else 'published'}"


def _address(did: str) -> str:
    return parse_did_ethr(did).address


def _public_key(value: str) -> PublicKey | None:
    try:
        return PublicKey.from_multikey(bytes.fromhex(value))
    except (KeyFormatError, ValueError):
        return None
