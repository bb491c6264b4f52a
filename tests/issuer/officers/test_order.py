"""Who signs in or accepts an invitation just as their access ends: on PostgreSQL, where both are under way at once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from issuer.access import TOKEN_HOLDER
from issuer.app import MIGRATIONS
from issuer.audit.service import AuditService
from issuer.officers.repository import OfficerRepository
from issuer.officers.roles import OfficeRole
from issuer.officers.service import OfficerService, PasskeyAdmission
from issuer.officers.sign_in import NewSession, OfficerSignIn
from issuer.proposals.actions import OfficeAction
from issuer.proposals.service import ProposalService
from tests.issuer.wallet import ISSUER
from tests.support.clock import SetClock
from tests.support.passkeys import SecurityKey
from tests.support.postgres import until_waiting
from vc_core.errors import Unauthenticated
from vc_core.web.database import Database

pytestmark = pytest.mark.postgres


@dataclass
class Guest:
    """Somebody with an invitation and a security key."""

    database: Database
    service: OfficerService
    door: OfficerSignIn
    officer_id: str
    code: str
    key: SecurityKey

    async def accept(self) -> NewSession:
        """Makes a passkey."""
        _, options = await self.door.open_invitation(self.code)
        signed_in = await self.door.accept_invitation(self.code, self.key.create(options))
        assert signed_in is not None
        return signed_in

    async def sign_in(self) -> NewSession:
        """Uses it."""
        return await self.door.sign_in(self.key.get(await self.door.options()), None)

    async def lose_access(self, how: str) -> None:
        """By an approver who does not know that they are just coming in."""
        if how == "lost":
            await self.service.remove_passkeys(self.officer_id, TOKEN_HOLDER)
        else:
            await self.service.change(self.officer_id, TOKEN_HOLDER, roles=None, active=False)


@pytest.fixture
async def guest(postgres_url: str, clock: SetClock) -> AsyncIterator[Guest]:
    """Invited by the office's token."""
    database = Database(postgres_url)
    await database.migrate(MIGRATIONS)
    proposals = ProposalService(database, {OfficeAction.ADMIT_OFFICER: PasskeyAdmission()}, frozenset(), clock)
    service = OfficerService(database, proposals, clock, secrets.token_bytes)
    officer, code, _ = await service.invite_new("Anong", [OfficeRole.OFFICER], TOKEN_HOLDER)
    door = OfficerSignIn(
        database, proposals, AuditService(database, clock), ISSUER, b"secret", clock, secrets.token_bytes
    )
    yield Guest(database, service, door, officer.id, code, SecurityKey(ISSUER, b"key"))
    await database.close()


@pytest.mark.parametrize("how", ["lost", "leaves"])
@pytest.mark.parametrize("come", ["accept", "sign_in"])
async def test_nobody_stays_signed_in_whose_access_ends_meanwhile(
    guest: Guest, monkeypatch: pytest.MonkeyPatch, come: str, how: str
) -> None:
    """And neither of the two waits for the other forever."""
    if come == "sign_in":
        await guest.accept()
    step = "use_invitation" if come == "accept" else "open_session"
    original, ending = getattr(OfficerRepository, step), []

    async def with_access_ending(self: OfficerRepository, *values: object, **named: object) -> bool:
        went_well: bool = await original(self, *values, **named)
        ending.append(asyncio.ensure_future(guest.lose_access(how)))
        await until_waiting(guest.database)
        return went_well

    monkeypatch.setattr(OfficerRepository, step, with_access_ending)
    signed_in = await getattr(guest, come)()
    await ending[0]
    with pytest.raises(Unauthenticated):
        await guest.door.session(signed_in.secret)
