"""What officers decide after a wallet has asked: whether a set of credentials that waits is issued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from issuer.access import Principal
from issuer.audit.repository import AuditRepository
from issuer.issuance.models import CredentialNotification, CredentialSet, SetState
from issuer.issuance.set_repository import CredentialSetRepository
from vc_core.clock import Clock
from vc_core.errors import Conflict, NotFound
from vc_core.web.database import Database


@dataclass(frozen=True)
class ListedSet:
    """A set as an officer sees it, and what its wallet told of it."""

    credential_set: CredentialSet
    notifications: Sequence[CredentialNotification]


class ApprovalService:
    """Sets of credentials as officers see them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def sets(self, *, state: SetState | None = None, person_id: str | None = None) -> list[ListedSet]:
        """The newest sets, of one state or one person if asked for."""
        async with self._database.transaction() as session:
            repository = CredentialSetRepository(session)
            sets = await repository.load_list(state=state, person_id=person_id)
            told = await repository.load_notifications([each.id for each in sets])
        return [ListedSet(each, [one for one in told if one.set_id == each.id]) for each in sets]

    async def decide(self, set_id: str, state: SetState, by: Principal, *, reason: str | None = None) -> None:
        """Approves or refuses a set that waits, once. Raises `NotFound`, `Conflict` where it does not wait."""
        async with self._database.transaction() as session:
            repository = CredentialSetRepository(session)
            if await repository.decide(set_id, state, reason=reason, now=self._clock()):
                outcome = "approved" if state is SetState.APPROVED else "rejected"
                await AuditRepository(session).append(by.id, "issue", set_id, outcome, now=self._clock())
                return
            if await repository.load(set_id) is None:
                raise NotFound("There is no such set of credentials.")
        raise Conflict("It does not wait for a decision, or no longer.")
