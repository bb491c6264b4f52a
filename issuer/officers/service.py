"""Who works at the office: inviting, roles, leaving."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.access import Principal
from issuer.audit.repository import AuditRepository
from issuer.officers.models import Officer, OfficerInvitation
from issuer.officers.repository import ListedOfficer, OfficerRepository
from issuer.officers.roles import OfficeRole
from issuer.proposals.actions import OfficeAction
from issuer.proposals.models import Proposal
from issuer.proposals.service import ActionOrder, ProposalService
from vc_core.clock import Clock
from vc_core.encoding import base64url_decode
from vc_core.errors import Conflict, Forbidden, NotFound
from vc_core.web.database import Database
from vc_core.web.sessions import create_session_secret, hash_session_secret

INVITATION_SECONDS = 24 * 3600


class OfficerService:
    """Officers, as approvers see to them."""

    def __init__(
        self, database: Database, proposals: ProposalService, clock: Clock, randomness: Callable[[int], bytes]
    ) -> None:
        self._database = database
        self._proposals = proposals
        self._clock = clock
        self._randomness = randomness

    async def officers(self) -> Sequence[ListedOfficer]:
        """Everyone who works or worked here."""
        async with self._database.transaction() as session:
            return await OfficerRepository(session).load_list(now=self._clock())

    async def invite_new(self, name: str, roles: Collection[OfficeRole], by: Principal) -> tuple[Officer, str, int]:
        """A new officer, the secret code of their invitation, and when it ends."""
        officer = Officer(id=uuid4().hex, name=name, roles=sorted(roles), created_at=self._clock())
        async with self._database.transaction() as session:
            await OfficerRepository(session).save(officer)
            return officer, *await self._invite(session, officer, by)

    async def invite(self, officer_id: str, by: Principal) -> tuple[Officer, str, int]:
        """An invitation for one more passkey; others that wait are void. Raises `NotFound`, `Conflict`."""
        async with self._database.transaction() as session:
            officer = await OfficerRepository(session).lock(officer_id)
            if officer is None:
                raise NotFound("There is no such officer.")
            if not officer.active:
                raise Conflict("This officer is not active.")
            return officer, *await self._invite(session, officer, by)

    async def change(
        self, officer_id: str, by: Principal, *, roles: Collection[OfficeRole] | None, active: bool | None
    ) -> Proposal | None:
        """Gives an officer other roles, or lets them leave or come back; who leaves is out at once.

        What lets them do more than before is proposed; None for what is done without. Raises `NotFound`, `Forbidden`
        to whoever would change themselves, and `Conflict` where somebody else changed them meanwhile, or the same is
        proposed already.
        """
        if officer_id == by.id:
            raise Forbidden("Nobody changes their own roles.")
        async with self._database.transaction() as session:
            officer = await OfficerRepository(session).lock(officer_id)
            if officer is None or (roles is None and active is None):
                raise NotFound("There is no such officer, or nothing to change.")
            order = _change_order(officer, roles, active)
            if not _lets_do_more(order.parameters):
                await _carry_out_change(session, officer, order.parameters)
                await self._record(session, by, order.action, officer_id, order.detail)
                return None
        return await self._proposals.propose(by, order)

    async def remove_passkeys(self, officer_id: str, by: Principal) -> None:
        """For a device that was lost: forgets all passkeys and ends all sessions. Raises `NotFound`."""
        async with self._database.transaction() as session:
            repository = OfficerRepository(session)
            if await repository.load(officer_id) is None:
                raise NotFound("There is no such officer.")
            await repository.end_access(officer_id, forget_passkeys=True)
            await self._record(session, by, "remove_passkeys", officer_id)

    async def _invite(self, session: AsyncSession, officer: Officer, by: Principal) -> tuple[str, int]:
        code, expires_at = create_session_secret(self._randomness), self._clock() + INVITATION_SECONDS
        await OfficerRepository(session).invite(
            OfficerInvitation(
                code_hash=hash_session_secret(code), officer_id=officer.id, invited_by=by.id, expires_at=expires_at
            )
        )
        await self._record(session, by, "invite_officer", officer.id, " ".join(officer.roles))
        return code, expires_at

    async def _record(
        self, session: AsyncSession, by: Principal, action: str, officer_id: str, detail: str = ""
    ) -> None:
        await AuditRepository(session).append(by.id, action, officer_id, "done", now=self._clock(), detail=detail)


_WORDS = {None: "", True: "active", False: "inactive"}


def _change_order(officer: Officer, roles: Collection[OfficeRole] | None, active: bool | None) -> ActionOrder:
    """The change of an officer as they are now; whoever approves it later sees what they are then."""
    roles_then = sorted(officer.roles if roles is None else roles)
    parameters = {
        "name": officer.name,
        "roles": roles_then,
        "active": officer.active if active is None else active,
        "roles_before": sorted(officer.roles),
        "active_before": officer.active,
    }
    shown = [] if roles is None and not active else roles_then
    detail = " ".join([*shown, _WORDS[active]]).strip()
    return ActionOrder(OfficeAction.CHANGE_OFFICER, officer.id, parameters, detail)


def _lets_do_more(parameters: Mapping[str, Any]) -> bool:
    """Whether the officer may do something after the change that they may not do before it."""
    gained = set(parameters["roles"]) - set(parameters["roles_before"])
    return bool(parameters["active"] and (gained or not parameters["active_before"]))


async def _carry_out_change(session: AsyncSession, officer: Officer, parameters: Mapping[str, Any]) -> None:
    repository, roles, active = OfficerRepository(session), parameters["roles"], parameters["active"]
    await repository.change(officer.id, roles=roles, active=active)
    if not active:
        await repository.end_access(officer.id)
    elif OfficeRole.APPROVER not in roles:
        await repository.withdraw_invitations_by(officer.id)


class OfficerChange:
    """Letting an officer do more than before, or come back."""

    async def check(self, session: AsyncSession, record_id: str, parameters: Mapping[str, Any]) -> None:
        """It can be done while the officer is as they were. Raises `Conflict`."""
        await self._unchanged(session, record_id, parameters)

    async def carry_out(self, session: AsyncSession, record_id: str, parameters: Mapping[str, Any]) -> int:
        """Does it. Raises `Conflict` where the officer is no longer as they were."""
        await _carry_out_change(session, await self._unchanged(session, record_id, parameters), parameters)
        return 1

    async def _unchanged(self, session: AsyncSession, officer_id: str, parameters: Mapping[str, Any]) -> Officer:
        officer = await OfficerRepository(session).lock(officer_id)
        before = parameters["roles_before"], parameters["active_before"]
        if officer is None or (sorted(officer.roles), officer.active) != before:
            raise Conflict("This officer was changed meanwhile.")
        return officer


class PasskeyAdmission:
    """Letting a passkey that an invited officer made sign them in."""

    async def check(self, session: AsyncSession, record_id: str, parameters: Mapping[str, Any]) -> None:
        """A passkey that was just made can be admitted."""

    async def carry_out(self, session: AsyncSession, record_id: str, parameters: Mapping[str, Any]) -> int:
        """Admits it. Raises `Conflict` where it is gone, or its officer has other roles than were proposed."""
        repository = OfficerRepository(session)
        officer = await repository.lock(record_id)
        if officer is None or not officer.active or sorted(officer.roles) != parameters.get("roles"):
            raise Conflict("This officer's roles were changed meanwhile. Reject this, and invite them again.")
        if not await repository.admit_passkey(record_id, base64url_decode(parameters["passkey"])):
            raise Conflict("The passkey was removed meanwhile.")
        return 1
