"""The registries as their events tell them: a pure, in-memory history that is asked thousands of times a second.

Events go in one by one in the chain's order and are never forgotten, because a question is about a time: what was in
force when a credential was issued. A time between two blocks is answered by the earlier one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Generic, TypeAlias, TypeVar

from vc_core.ledger.events import (
    AccreditationChanged,
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
)

IdentityEvent: TypeAlias = OwnerChanged | DelegateChanged | AttributeChanged
Version = TypeVar("Version", AccreditationChanged, MandateChanged, GovernanceChanged)


class _Versions(Generic[Version]):
    """The versions of one thing, and their times beside them for the search."""

    __slots__ = ("times", "versions")

    def __init__(self) -> None:
        self.times: list[int] = []
        self.versions: list[Version] = []

    def add(self, version: Version) -> None:
        self.times.append(version.at.block_timestamp)
        self.versions.append(version)

    def at(self, at: int) -> Version | None:
        count = bisect_right(self.times, at)
        return self.versions[count - 1] if count else None


class RegistryState:
    """All that is known of the registries."""

    def __init__(self, events: Iterable[RegistryEvent] = ()) -> None:
        """`events`: in the chain's order; raises `ValueError` where they are not."""
        self._identities: dict[str, list[IdentityEvent]] = {}
        self._accreditations: dict[tuple[str, Role, str], _Versions[AccreditationChanged]] = {}
        self._mandates: dict[tuple[str, Role, str], _Versions[MandateChanged]] = {}
        self._governance: dict[str, _Versions[GovernanceChanged]] = {}
        self._killed: dict[tuple[str, str], KeyKilled] = {}
        self._log_owners: dict[str, LogOwnerChanged] = {}
        self._anchors: dict[str, list[Anchored]] = {}
        self._newest = (-1, -1)
        for event in events:
            self.apply(event)

    def apply(self, event: RegistryEvent) -> None:
        """Adds the next event of the chain. Raises `ValueError` where it is not later than all before it."""
        place = (event.at.block_number, event.at.log_index)
        if place <= self._newest:
            raise ValueError("an event of the registry is out of order")
        self._newest = place
        match event:
            case OwnerChanged() | DelegateChanged() | AttributeChanged():
                self._identities.setdefault(event.identity, []).append(event)
            case AccreditationChanged():
                entry = (event.subject, event.role, event.credential_type)
                self._accreditations.setdefault(entry, _Versions()).add(event)
            case MandateChanged():
                mandate = (event.accreditor, event.role, event.credential_type)
                self._mandates.setdefault(mandate, _Versions()).add(event)
            case KeyKilled():
                self._killed.setdefault((event.subject, event.key_hash), event)
            case GovernanceChanged():
                self._governance.setdefault(event.contract, _Versions()).add(event)
            case LogOwnerChanged():
                self._log_owners[event.log] = event
            case Anchored():
                self._anchors.setdefault(event.log, []).append(event)

    def identity_events(self, identity: str) -> Sequence[IdentityEvent]:
        """The history of an identity (0x + 40 lower-case hex digits), oldest first; empty where there is none.

        The sequence grows with the state and is not to be changed.
        """
        return self._identities.get(identity, ())

    def accreditation(self, subject: str, role: Role, credential_type: str, *, at: int) -> AccreditationChanged | None:
        """The entry as it stood at a time (seconds since 1970), whatever its state and period; None before the first.

        `subject` and `credential_type` are the ids of `vc_core.ledger.events`, in hex digits.
        """
        history = self._accreditations.get((subject, role, credential_type))
        return None if history is None else history.at(at)

    def mandate(self, accreditor: str, role: Role, credential_type: str, *, at: int) -> MandateChanged | None:
        """The mandate of an accreditor's identity as it stood at a time, whatever its state; None before the first."""
        history = self._mandates.get((accreditor, role, credential_type))
        return None if history is None else history.at(at)

    def killed_key(self, subject: str, key_hash: str) -> KeyKilled | None:
        """The event by which a key of the subject was declared compromised; None where it was not. Hex digits."""
        return self._killed.get((subject, key_hash))

    def governance(self, contract: str, *, at: int) -> GovernanceChanged | None:
        """Who governed a contract (0x + 40 lower-case hex digits) at a time; None before it was there."""
        history = self._governance.get(contract)
        return None if history is None else history.at(at)

    def log_owner(self, log: str) -> LogOwnerChanged | None:
        """Who writes a log's roots now (`log`: the id in hex digits); None where it never had an owner."""
        return self._log_owners.get(log)

    def anchors(self, log: str) -> Sequence[Anchored]:
        """The roots of a log (its id in hex digits), oldest first. It grows with the state and is not to be changed."""
        return self._anchors.get(log, ())
