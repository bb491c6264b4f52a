"""How officers sign in: an invitation's link, by which a passkey is made once; then the passkey, and a session."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.access import Principal
from issuer.audit.repository import AuditRepository
from issuer.audit.service import AuditService
from issuer.officers.models import Officer, OfficerPasskey
from issuer.officers.repository import OfficerRepository
from issuer.officers.roles import OfficeRole
from issuer.proposals.actions import OfficeAction
from issuer.proposals.models import ProposalState
from issuer.proposals.service import ActionOrder, ProposalService
from vc_core.clock import Clock
from vc_core.encoding import base64url_encode
from vc_core.errors import Conflict, Forbidden, NotFound, SabaiError, Unauthenticated
from vc_core.web.challenges import Challenges, VerifiedChallenge
from vc_core.web.database import Database
from vc_core.web.passkeys import (
    RegisteredPasskey,
    RelyingParty,
    create_authentication_options,
    create_registration_options,
    create_relying_party,
    parse_challenge,
    parse_credential_id,
    verify_assertion,
    verify_registration,
)
from vc_core.web.sessions import (
    SessionLimits,
    SessionTimes,
    create_session_secret,
    hash_session_secret,
    verify_session,
)

LIMITS = SessionLimits()
_TOUCH_SECONDS = 60
_SIGN_IN = "sign in"
_SIGN_IN_ACTION = "sign_in"


@dataclass(frozen=True)
class NewSession:
    """Who is signed in now, and the secret for their browser's cookie."""

    principal: Principal
    secret: str


class OfficerSignIn:
    """Passkeys and sessions of officers. `secret` keys the challenges."""

    def __init__(
        self,
        database: Database,
        proposals: ProposalService,
        audit: AuditService,
        public_url: str,
        secret: bytes,
        clock: Clock,
        randomness: Callable[[int], bytes],
    ) -> None:
        self._database = database
        self._proposals = proposals
        self._audit = audit
        self._public_url = public_url
        self._challenges = Challenges(secret, randomness)
        self._clock = clock
        self._randomness = randomness

    def party(self) -> RelyingParty:
        """Who asks for passkeys. Raises `Conflict` where this address can have none."""
        return create_relying_party(self._public_url, name="Sabai")

    async def options(self) -> dict[str, Any]:
        """What to ask a browser for. Raises `Conflict` where this address can have no passkeys."""
        challenge = self._challenges.create(_SIGN_IN, now=self._clock())
        return create_authentication_options(self.party(), challenge=challenge)

    async def sign_in(self, credential: dict[str, Any], previous_secret: str | None) -> NewSession:
        """A new session in place of the one that the browser had.

        Raises `InvalidRequest`, `Unauthenticated`, and `Forbidden` for a passkey that was not admitted yet.
        """
        now = self._clock()
        challenge = self._challenges.verify(parse_challenge(credential), _SIGN_IN, now=now)
        credential_id = parse_credential_id(credential)
        async with self._database.transaction() as session:
            found = await OfficerRepository(session).load_passkey(credential_id)
        if found is None:
            raise _no_passkey()
        row, officer = found
        async with self._refusals_recorded(_SIGN_IN_ACTION, officer.id):
            return await self._use_passkey(row, officer, credential, challenge, previous_secret)

    async def _use_passkey(
        self,
        row: OfficerPasskey,
        officer: Officer,
        credential: dict[str, Any],
        challenge: VerifiedChallenge,
        previous_secret: str | None,
    ) -> NewSession:
        if not officer.active:
            raise _no_passkey()
        assertion = verify_assertion(
            credential, party=self.party(), expected_challenge=challenge.challenge, passkey=_registered(row)
        )
        if not row.admitted:
            raise Forbidden("Another approver has to admit this passkey first.")
        async with self._database.transaction() as session:
            repository = OfficerRepository(session)
            first = await repository.use_challenge(challenge.digest, until=challenge.expires_at)
            if not first or not await repository.count_passkey(row, assertion.sign_count):
                raise Unauthenticated("The passkey was not accepted.")
            return await self._open_session(session, officer, previous_secret)

    async def open_invitation(self, code: str) -> tuple[Officer, dict[str, Any]]:
        """Whom an invitation is for, and the options for making a passkey. Raises `NotFound`: used, over, or none."""
        code_hash = hash_session_secret(code)
        async with self._refusals_recorded("use_invitation", await self._invited(code_hash)):
            return await self._open_invitation(code_hash)

    async def _open_invitation(self, code_hash: str) -> tuple[Officer, dict[str, Any]]:
        now = self._clock()
        async with self._database.transaction() as session:
            repository = OfficerRepository(session)
            found = await repository.load_invited(code_hash, now=now)
            registered = [] if found is None else await repository.load_passkeys(found[0].id)
        if found is None:
            raise _no_invitation()
        officer, _ = found
        options = create_registration_options(
            self.party(),
            user_id=officer.id.encode("ascii"),
            user_name=officer.name,
            challenge=self._challenges.create(code_hash, now=now),
            registered=[each.credential_id for each in registered if each.admitted],
        )
        return officer, options

    async def accept_invitation(self, code: str, credential: dict[str, Any]) -> NewSession | None:
        """Keeps the passkey and signs in; None where another approver has to admit it first.

        Raises `NotFound` without an invitation, `InvalidRequest`, and `Conflict` for a passkey that is in use.
        """
        code_hash = hash_session_secret(code)
        async with self._refusals_recorded("use_invitation", await self._invited(code_hash)):
            return await self._accept_invitation(code_hash, credential)

    async def _accept_invitation(self, code_hash: str, credential: dict[str, Any]) -> NewSession | None:
        now = self._clock()
        challenge = self._challenges.verify(parse_challenge(credential), code_hash, now=now)
        made = verify_registration(credential, party=self.party(), expected_challenge=challenge.challenge)
        try:
            async with self._database.transaction() as session:
                repository = OfficerRepository(session)
                found = await repository.load_invited(code_hash, now=now)
                # The officer's row first, as whoever deactivates them takes it.
                officer = None if found is None else await repository.lock(found[0].id)
                if found is None or officer is None or not officer.active:
                    raise _no_invitation()
                if not await repository.use_invitation(code_hash, now=now):
                    raise _no_invitation()
                await repository.save(
                    OfficerPasskey(**vars(made), officer_id=officer.id, admitted=False, created_at=now)
                )
                order = _admission(officer, made.credential_id)
                proposal = await self._proposals.propose_admission(session, found[1].invited_by, order)
                if proposal.state != ProposalState.DONE:
                    return None
                return await self._open_session(session, officer)
        except IntegrityError as cause:
            raise Conflict("This passkey is in use here already.") from cause

    async def _invited(self, code_hash: str) -> str | None:
        """The id of whom an invitation is or was for, if it is not forgotten yet."""
        async with self._database.transaction() as session:
            invitation = await OfficerRepository(session).load_invitation(code_hash)
        return None if invitation is None else invitation.officer_id

    @asynccontextmanager
    async def _refusals_recorded(self, action: str, officer_id: str | None) -> AsyncIterator[None]:
        """What is refused to whoever comes with a passkey or an invitation of this officer is recorded, now and then.

        Of nobody's nothing is: anybody can make those up.
        """
        try:
            yield
        except SabaiError as refusal:
            if officer_id is not None:
                await self._audit.record_seldom(action, officer_id, str(refusal.code))
            raise

    async def session(self, secret: str) -> Principal:
        """Who is signed in by this secret. Raises `Unauthenticated` where nobody is, or no longer."""
        now = self._clock()
        async with self._database.transaction() as session:
            found = await OfficerRepository(session).load_session(hash_session_secret(secret))
            if found is None:
                raise Unauthenticated("The session has ended. Sign in again.")
            row, officer = found
            times = SessionTimes(row.signed_in_at, row.last_seen_at)
            verify_session(times, LIMITS, now=now)
            idle = now - times.last_seen_at >= _TOUCH_SECONDS
            if idle and not await OfficerRepository(session).touch_session(row.secret_hash, now=now):
                raise Unauthenticated("The session has ended. Sign in again.")
        return principal_of(officer, times)

    async def sign_out(self, secret: str) -> None:
        """Ends a session, if it is one."""
        async with self._database.transaction() as session:
            await OfficerRepository(session).delete_session(hash_session_secret(secret))

    async def forget_expired(self) -> None:
        """Forgets challenges, invitations and sessions that are over."""
        now = self._clock()
        async with self._database.transaction() as session:
            await OfficerRepository(session).forget(now=now, signed_in_before=now - LIMITS.absolute_seconds)

    async def _open_session(
        self, session: AsyncSession, officer: Officer, previous_secret: str | None = None
    ) -> NewSession:
        now, secret, repository = self._clock(), create_session_secret(self._randomness), OfficerRepository(session)
        if not await repository.open_session(officer.id, hash_session_secret(secret), now=now):
            raise _no_passkey()
        if previous_secret is not None:
            await repository.delete_session(hash_session_secret(previous_secret))
        await AuditRepository(session).append(officer.id, _SIGN_IN_ACTION, officer.id, "done", now=now)
        return NewSession(principal_of(officer, SessionTimes(now, now)), secret)


def principal_of(officer: Officer, times: SessionTimes) -> Principal:
    """An officer as who asks."""
    return Principal(officer.id, officer.name, frozenset(map(OfficeRole, officer.roles)), times)


def _admission(officer: Officer, credential_id: bytes) -> ActionOrder:
    roles = sorted(officer.roles)
    parameters = {"name": officer.name, "roles": roles, "passkey": base64url_encode(credential_id)}
    return ActionOrder(OfficeAction.ADMIT_OFFICER, officer.id, parameters, detail=" ".join(roles))


def _registered(row: OfficerPasskey) -> RegisteredPasskey:
    return RegisteredPasskey(row.credential_id, row.public_key, row.sign_count, row.officer_id.encode("ascii"))


def _no_passkey() -> Unauthenticated:
    return Unauthenticated("This passkey is not known here, or no longer.")


def _no_invitation() -> NotFound:
    return NotFound("This invitation was used, has ended, or was withdrawn. Ask for a new one.")
