"""Who works at the office: inviting, roles, leaving."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.access import OfficeRole, Principal
from issuer.audit.repository import AuditRepository
from issuer.officers.models import Officer, OfficerInvitation
from issuer.officers.repository import ListedOfficer, OfficerRepository
from vc_core.clock import Clock
from vc_core.encoding import base64url_decode
from vc_core.errors import Conflict, Forbidden, NotFound
from vc_core.web.database import Database
from vc_core.web.sessions import create_session_secret, hash_session_secret

INVITATION_SECONDS = 24 * 3600


class OfficerService:
    """Officers, as approvers see to them."""

    def __init__(self, database: Database, clock: Clock, randomness: Callable[[int], bytes]) -> None:
        self._database = database
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
            officer = await OfficerRepository(session).load(officer_id)
            if officer is None:
                raise NotFound("There is no such officer.")
            if not officer.active:
                raise Conflict("This officer is not active.")
            return officer, *await self._invite(session, officer, by)

    async def change(
        self, officer_id: str, by: Principal, *, roles: Collection[OfficeRole] | None, active: bool | None
    ) -> None:
        """Gives an officer other roles, or lets them leave or come back; who leaves is out at once.

        Raises `NotFound`, and `Forbidden` to whoever would change themselves.
        """
        if officer_id == by.id:
            raise Forbidden("Nobody changes their own roles.")
        values: dict[str, Any] = {} if roles is None else {"roles": sorted(roles)}
        if active is not None:
            values["active"] = active
        async with self._database.transaction() as session:
            repository = OfficerRepository(session)
            if not values or not await repository.change(officer_id, **values):
                raise NotFound("There is no such officer, or nothing to change.")
            if active is False:
                await repository.end_access(officer_id)
            detail = " ".join(["" if roles is None else " ".join(sorted(roles)), _WORDS[active]]).strip()
            await self._record(session, by, "change_officer", officer_id, detail)

    async def remove_passkeys(self, officer_id: str, by: Principal) -> None:
        """For a device that was lost: forgets all passkeys and ends all sessions. Raises `NotFound`."""
        async with self._database.transaction() as session:
            repository = OfficerRepository(session)
            if await repository.load(officer_id) is None:
                raise NotFound("There is no such officer.")
            await repository.end_access(officer_id)
            await repository.delete_passkeys(officer_id)
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


class PasskeyAdmission:
    """Letting a passkey that an invited officer made sign them in."""

    async def check(self, session: AsyncSession, record_id: str, parameters: Mapping[str, Any]) -> None:
        """A passkey that was just made can be admitted."""

    async def carry_out(self, session: AsyncSession, record_id: str, parameters: Mapping[str, Any]) -> int:
        """Admits it. Raises `Conflict` where it is gone."""
        if not await OfficerRepository(session).admit_passkey(record_id, base64url_decode(parameters["passkey"])):
            raise Conflict("The passkey was removed meanwhile.")
        return 1
