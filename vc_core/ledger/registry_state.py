"""The registries as their events tell them: a pure, in-memory history that is asked thousands of times a second.

Events go in one by one in the chain's order and are never forgotten, because a question is about a time: what was in
force when a credential was issued. A time between two blocks is answered by the earlier one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from vc_core.ledger.events import (
    AccreditationChanged,
    AttributeChanged,
    DelegateChanged,
    OwnerChanged,
    RegistryEvent,
    Role,
)

IdentityEvent: TypeAlias = OwnerChanged | DelegateChanged | AttributeChanged


class _Accreditations:
    """The versions of one accreditation, and their times beside them for the search."""

    __slots__ = ("times", "versions")

    def __init__(self) -> None:
        self.times: list[int] = []
        self.versions: list[AccreditationChanged] = []


class RegistryState:
    """All that is known of both registries."""

    def __init__(self, events: Iterable[RegistryEvent] = ()) -> None:
        """`events`: in the chain's order; raises `ValueError` where they are not."""
        self._identities: dict[str, list[IdentityEvent]] = {}
        self._accreditations: dict[tuple[str, Role, str], _Accreditations] = {}
        self._newest = (-1, -1)
        for event in events:
            self.apply(event)

    def apply(self, event: RegistryEvent) -> None:
        """Adds the next event of the chain. Raises `ValueError` where it is not later than all before it."""
        place = (event.at.block_number, event.at.log_index)
        if place <= self._newest:
            raise ValueError("an event of the registry is out of order")
        self._newest = place
        if isinstance(event, AccreditationChanged):
            key = (event.subject, event.role, event.credential_type)
            history = self._accreditations.setdefault(key, _Accreditations())
            history.times.append(event.at.block_timestamp)
            history.versions.append(event)
        else:
            self._identities.setdefault(event.identity, []).append(event)

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
        if history is None:
            return None
        count = bisect_right(history.times, at)
        return history.versions[count - 1] if count else None
