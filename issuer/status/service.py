"""Changing the status of credentials: suspended, restored, revoked for good."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.authorization.repository import AuthorizationRepository
from issuer.issuance.models import Issuance
from issuer.proposals.actions import OfficeAction, ReasonedAction
from issuer.roster.repository import PersonRepository
from issuer.status.entitlements import EntitlementRepository
from issuer.status.repository import StatusRepository
from vc_core.clock import Clock
from vc_core.credential_types import type_named
from vc_core.credential_types.definition import StatusPolicy
from vc_core.errors import Conflict, InvalidRequest, NotFound
from vc_core.formats.status_list import Status
from vc_core.web.database import Database


class StatusService:
    """Statuses as officers change them."""

    def __init__(self, database: Database, credential_types: Collection[str], clock: Clock) -> None:
        """`credential_types`: the names of those that are issued here."""
        self._database = database
        self._credential_types = credential_types
        self._clock = clock

    async def issued(self, person_id: str) -> Sequence[Issuance]:
        """What was issued to a person, the newest first. Raises `NotFound` where there is no such person."""
        async with self._database.transaction() as session:
            if await PersonRepository(session).load(person_id) is None:
                raise NotFound("There is no such person in the roster.")
            return await StatusRepository(session).load_issued(person_id)

    async def check(self, session: AsyncSession, person_id: str, credential_type: str, status: Status) -> None:
        """Returns where a person's credentials of a type (by name) can be given this status.

        Raises `InvalidRequest` for a type that we don't issue or that has no status, `NotFound` where the person has
        none, and `Conflict` where all of them are revoked and something else is asked for.
        """
        if credential_type not in self._credential_types:
            raise InvalidRequest("This issuer does not issue that credential type.")
        definition = type_named(credential_type)
        if definition is not None and definition.status_policy is StatusPolicy.NONE:
            raise InvalidRequest("Credentials of that type have no status; they end with their day.")
        if await PersonRepository(session).load(person_id) is None:
            raise NotFound("There is no such person in the roster.")
        statuses = await StatusRepository(session).load_statuses(person_id, credential_type)
        if not statuses:
            raise NotFound("This person has no credential of that type.")
        if status is not Status.INVALID and all(each == Status.INVALID for each in statuses):
            raise Conflict("A revoked credential stays revoked; a new one can be issued.")

    async def ended_entitlements(self, person_id: str) -> Sequence[str]:
        """The types (by name) of which nothing is issued to a person until an officer offers it anew."""
        async with self._database.transaction() as session:
            return await EntitlementRepository(session).ended(person_id)

    async def change(
        self,
        session: AsyncSession,
        person_id: str,
        credential_type: str,
        status: Status,
        *,
        ends_entitlement: bool = False,
    ) -> int:
        """Gives a person's credentials of a type (by name) this status; returns how many changed.

        With a revocation, the tokens end by which they were issued, for whatever else they were: a wallet would
        otherwise fetch the same anew. With `ends_entitlement` no other way leads to new ones either, until an officer
        offers them. Raises as `check` does.
        """
        people, repository = PersonRepository(session), StatusRepository(session)
        if await people.load(person_id) is not None:
            # What is being issued to them right now is there then, and is changed with the rest.
            await people.lock(person_id)
        await self.check(session, person_id, credential_type, status)
        changed = await repository.change_statuses(person_id, credential_type, status)
        if status is Status.INVALID:
            await self._revoke_tokens(session, await repository.load_families(person_id, credential_type))
        if ends_entitlement:
            await EntitlementRepository(session).end(person_id, credential_type, now=self._clock())
        return changed

    def actions(self) -> dict[OfficeAction, ReasonedAction]:
        """What officers do with statuses, for a person (the record) and a `credential_type` (the parameter).

        With the parameter `ends_entitlement` a revocation ends the entitlement too.
        """
        return {action: _StatusAction(self, status) for status, action in ACTIONS.items()}

    async def _revoke_tokens(self, session: AsyncSession, families: Sequence[str]) -> None:
        authorizations = AuthorizationRepository(session)
        for each in families:
            await authorizations.revoke_family(each, now=self._clock())


ACTIONS = {
    Status.VALID: OfficeAction.RESTORE,
    Status.SUSPENDED: OfficeAction.SUSPEND,
    Status.INVALID: OfficeAction.REVOKE,
}
"""What giving a status is called."""


@dataclass(frozen=True)
class _StatusAction:
    """Giving a person's credentials of a type one status."""

    statuses: StatusService
    status: Status

    async def check(self, session: AsyncSession, record_id: str, parameters: Mapping[str, Any]) -> None:
        await self.statuses.check(session, record_id, parameters["credential_type"], self.status)

    async def carry_out(self, session: AsyncSession, record_id: str, parameters: Mapping[str, Any]) -> int:
        return await self.statuses.change(
            session,
            record_id,
            parameters["credential_type"],
            self.status,
            ends_entitlement=parameters.get("ends_entitlement", False),
        )
