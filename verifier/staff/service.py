"""Who works at the desk, and who of them is signed in.

A supervisor, or whoever has the manager token, makes a member and with them an invitation: a link that works once and
for an hour. Whoever opens it first makes a passkey for that member and is signed in. From then on the passkey signs in,
and what a member may do is looked up with every request: who is deactivated is out at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError

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
    require_step_up,
    verify_session,
)
from verifier.settings import VerifierSettings
from verifier.staff.models import StaffEvent, StaffInvitation
from verifier.staff.repository import Member, MemberLine, StaffRepository
from verifier.staff.roles import Role
from verifier.staff.schemas import (
    AcceptInvitation,
    ChangedMember,
    InvitationAnswer,
    MemberAnswer,
    NewMember,
    OpenedInvitation,
    SignIn,
)

Result = TypeVar("Result")
INVITATION_SECONDS = 3600
REFUSAL_SECONDS = 3600
LIMITS = SessionLimits()
_TOUCH_SECONDS = 60
_SIGN_IN = "sign in"


@dataclass(frozen=True)
class SignedIn:
    """A member who is signed in, since when, and what the database has of their secret."""

    member: Member
    times: SessionTimes
    secret_hash: str


@dataclass(frozen=True)
class NewSession:
    """What signing in gives: the member, and the secret for their browser's cookie."""

    member: Member
    secret: str


class StaffService:
    """Members, invitations, passkeys and sessions of one facility."""

    def __init__(
        self, *, settings: VerifierSettings, database: Database, clock: Clock, randomness: Callable[[int], bytes]
    ) -> None:
        secret = settings.desk_token.get_secret_value().encode("utf-8") if settings.desk_token else randomness(32)
        self._public_url = settings.public_url
        self._facility_name = settings.facility_name
        self._challenges = Challenges(secret, randomness)
        self._database = database
        self._clock = clock
        self._randomness = randomness

    async def sign_in_options(self) -> dict[str, object]:
        """What to ask a browser for. Raises `Conflict` where this address can have no passkeys."""
        challenge = self._challenges.create(_SIGN_IN, now=self._clock())
        return create_authentication_options(self._party(), challenge=challenge)

    async def sign_in(self, answer: SignIn, previous_secret: str | None) -> NewSession:
        """A new session in place of the one that the browser had. Raises `Unauthenticated`, `InvalidRequest`."""
        challenge = self._challenges.verify(parse_challenge(answer.credential), _SIGN_IN, now=self._clock())
        credential_id = parse_credential_id(answer.credential)
        found = await self._write(lambda staff: staff.load_passkey(credential_id))
        if found is None:
            raise _no_passkey()
        passkey, member = found
        async with self._refusals_recorded("sign_in_refused", member.id):
            return await self._use_passkey(passkey, member, answer, challenge, previous_secret)

    async def _use_passkey(
        self,
        passkey: RegisteredPasskey,
        member: Member,
        answer: SignIn,
        challenge: VerifiedChallenge,
        previous_secret: str | None,
    ) -> NewSession:
        if not member.active:
            raise _no_passkey()
        assertion = verify_assertion(
            answer.credential, party=self._party(), expected_challenge=challenge.challenge, passkey=passkey
        )
        now, secret = self._clock(), create_session_secret(self._randomness)

        def open_session(staff: StaffRepository) -> None:
            staff.lock_members(member.id)
            first = staff.use_challenge(challenge.digest, until=challenge.expires_at)
            if not first or not staff.count_passkey(passkey, assertion.sign_count):
                raise Unauthenticated("The passkey was not accepted.")
            if not staff.open_session(member.id, hash_session_secret(secret), now=now):
                raise _no_passkey()
            if previous_secret is not None:
                staff.delete_session(hash_session_secret(previous_secret))
            staff.add_event(self._event("signed_in", member.id, member.id, now))

        await self._write(open_session)
        return NewSession(member, secret)

    async def session(self, secret: str) -> SignedIn:
        """Who is signed in by this secret. Raises `Unauthenticated` where nobody is, or no longer."""
        now, secret_hash = self._clock(), hash_session_secret(secret)
        found = await self._write(lambda staff: staff.load_session(secret_hash))
        if found is None:
            raise Unauthenticated("The session has ended. Sign in again.")
        member, times = found
        verify_session(times, LIMITS, now=now)
        if now - times.last_seen_at >= _TOUCH_SECONDS:
            await self._write(lambda staff: staff.touch_session(secret_hash, now=now))
        return SignedIn(member, times, secret_hash)

    async def sign_out(self, secret: str) -> None:
        """Ends a session, if it is one."""
        await self._write(lambda staff: staff.delete_session(hash_session_secret(secret)))

    async def invite_new(self, wanted: NewMember, *, by: SignedIn | None) -> InvitationAnswer:
        """A new member with their invitation; `by` is None for the manager token. Raises as `require_supervisor`."""
        self.require_supervisor(by)
        member = Member(self._create_id(), wanted.name, wanted.role, active=True)
        return await self._invite(member, by, new=True)

    async def invite(self, member_id: str, *, by: SignedIn | None) -> InvitationAnswer:
        """An invitation for one more passkey, of one's own or, as supervisor, of anybody; others that wait are void."""
        if by is None or by.member.id != member_id:
            self.require_supervisor(by)
        else:
            require_step_up(by.times, LIMITS, now=self._clock())
        member = await self._write(lambda staff: staff.load_member(member_id))
        if member is None:
            raise NotFound("There is no such member.")
        if not member.active:
            raise Conflict("This member is not active: reactivate them first.")
        return await self._invite(member, by, new=False)

    async def _invite(self, member: Member, by: SignedIn | None, *, new: bool) -> InvitationAnswer:
        now, code = self._clock(), create_session_secret(self._randomness)
        link = f"{self._party().origins[-1]}/#invitation={code}"
        actor_id = None if by is None else by.member.id
        row = StaffInvitation(
            code_hash=hash_session_secret(code),
            member_id=member.id,
            invited_by=actor_id,
            expires_at=now + INVITATION_SECONDS,
        )

        def save(staff: StaffRepository) -> None:
            staff.lock_members(member.id, actor_id)
            if by is not None:
                _require_may_invite(staff.load_member(by.member.id), member.id)
            if new:
                staff.add_member(member, now=now)
            staff.add_invitation(row)
            staff.add_event(self._event("invited", member.id, actor_id, now))

        await self._write(save)
        return InvitationAnswer(member=describe(member), link=link, expires_at=row.expires_at)

    async def open_invitation(self, code: str) -> OpenedInvitation:
        """Whom an invitation is for, and the options for making a passkey. Raises `NotFound`: used, over, or none."""
        code_hash = hash_session_secret(code)
        invited = await self._write(lambda staff: staff.load_invited_id(code_hash))
        async with self._refusals_recorded("invitation_refused", invited):
            return await self._open_invitation(code_hash)

    async def _open_invitation(self, code_hash: str) -> OpenedInvitation:
        now = self._clock()

        def load(staff: StaffRepository) -> tuple[Member, list[bytes]]:
            member = staff.load_invited(code_hash, now=now)
            if member is None:
                raise _no_invitation()
            return member, list(staff.credential_ids(member.id))

        member, registered = await self._write(load)
        options = create_registration_options(
            self._party(),
            user_id=member.id.encode("ascii"),
            user_name=member.name,
            challenge=self._challenges.create(code_hash, now=now),
            registered=registered,
        )
        return OpenedInvitation(member=describe(member), options=options)

    async def accept_invitation(self, accepted: AcceptInvitation) -> NewSession:
        """Keeps the passkey and signs in. Raises `NotFound` (no invitation), `InvalidRequest`, `Conflict`."""
        code_hash = hash_session_secret(accepted.code)
        invited = await self._write(lambda staff: staff.load_invited_id(code_hash))
        async with self._refusals_recorded("invitation_refused", invited):
            return await self._accept_invitation(code_hash, accepted.credential)

    async def _accept_invitation(self, code_hash: str, credential: dict[str, Any]) -> NewSession:
        now = self._clock()
        challenge = self._challenges.verify(parse_challenge(credential), code_hash, now=now)
        passkey = verify_registration(credential, party=self._party(), expected_challenge=challenge.challenge)
        secret = create_session_secret(self._randomness)

        def join(staff: StaffRepository) -> Member:
            member = staff.load_invited(code_hash, now=now)
            if member is None:
                raise _no_invitation()
            staff.lock_members(member.id)
            if not staff.use_invitation(code_hash, now=now):
                raise _no_invitation()
            if not staff.open_session(member.id, hash_session_secret(secret), now=now):
                raise _no_invitation()
            staff.add_passkey(member.id, passkey, now=now)
            staff.add_event(self._event("joined", member.id, member.id, now))
            return member

        try:
            return NewSession(await self._write(join), secret)
        except IntegrityError as cause:
            raise Conflict("This passkey is in use here already.") from cause

    @asynccontextmanager
    async def _refusals_recorded(self, action: str, member_id: str | None) -> AsyncIterator[None]:
        """What is refused to whoever comes with a passkey or an invitation of this member is recorded, once an hour.

        Of nobody's nothing is: anybody can make those up, and would fill the log.
        """
        try:
            yield
        except SabaiError:
            if member_id is not None:
                await self._write(lambda staff: self._record_refusal(staff, action, member_id))
            raise

    def _record_refusal(self, staff: StaffRepository, action: str, member_id: str) -> None:
        now = self._clock()
        if not staff.has_event(action, member_id, since=now - REFUSAL_SECONDS + 1):
            staff.add_event(self._event(action, member_id, None, now))

    async def members(self, *, by: SignedIn | None) -> list[MemberLine]:
        """All members. Raises `Forbidden` unless a supervisor asks."""
        self.require_supervisor(by, fresh=False)
        return await self._write(lambda staff: staff.list_members(now=self._clock()))

    async def change(self, member_id: str, wanted: ChangedMember, *, by: SignedIn | None) -> Member:
        """The member as changed; one who is deactivated is signed out everywhere. Raises `NotFound`.

        Invitations end with the right to make them.
        """
        self.require_supervisor(by)
        now, actor_id = self._clock(), None if by is None else by.member.id

        def save(staff: StaffRepository) -> Member:
            staff.lock_members(member_id)
            member = staff.change_member(member_id, role=wanted.role, active=wanted.active)
            if member is None:
                raise NotFound("There is no such member.")
            if wanted.role is Role.DESK:
                staff.withdraw_invitations_of_others(member_id)
            if wanted.active is False:
                staff.withdraw_invitations(member_id)
                staff.delete_sessions(member_id)
            for action in _actions(wanted):
                staff.add_event(self._event(action, member_id, actor_id, now))
            return member

        return await self._write(save)

    async def remove_passkeys(self, member_id: str, *, by: SignedIn | None) -> None:
        """For a phone that was lost: signs the member out and forgets all their passkeys. Raises `NotFound`.

        Sessions go last: whoever signs in meanwhile needs an invitation or a passkey that is there.
        """
        self.require_supervisor(by)
        now, actor_id = self._clock(), None if by is None else by.member.id

        def save(staff: StaffRepository) -> None:
            staff.lock_members(member_id)
            if staff.load_member(member_id) is None:
                raise NotFound("There is no such member.")
            staff.withdraw_invitations(member_id)
            staff.delete_passkeys(member_id)
            staff.delete_sessions(member_id)
            staff.add_event(self._event("passkeys_removed", member_id, actor_id, now))

        await self._write(save)

    def require_supervisor(self, by: SignedIn | None, *, fresh: bool = True) -> None:
        """Returns for the manager token (None) and supervisors. Raises `Forbidden`, and `StepUpNeeded` if `fresh`."""
        if by is None:
            return
        if by.member.role is not Role.SUPERVISOR:
            raise Forbidden("Only a supervisor may do this.")
        if fresh:
            require_step_up(by.times, LIMITS, now=self._clock())

    async def forget_old(self) -> None:
        """Deletes challenges, invitations and sessions that are over."""
        now = self._clock()
        before = now - LIMITS.absolute_seconds
        await self._write(lambda staff: staff.delete_old(now=now, signed_in_before=before))

    async def _write(self, work: Callable[[StaffRepository], Result]) -> Result:
        return await self._database.write(lambda connection: work(StaffRepository(connection)))

    def _party(self) -> RelyingParty:
        return create_relying_party(self._public_url, name=self._facility_name)

    def _create_id(self) -> str:
        return base64url_encode(self._randomness(16))

    def _event(self, action: str, member_id: str, actor_id: str | None, now: int) -> StaffEvent:
        return StaffEvent(id=self._create_id(), at=now, action=action, member_id=member_id, actor_id=actor_id)


def describe(member: Member) -> MemberAnswer:
    """A member as the API shows them."""
    return MemberAnswer(id=member.id, name=member.name, role=member.role, active=member.active)


def _actions(wanted: ChangedMember) -> list[str]:
    actions = [] if wanted.role is None else [f"role_{wanted.role}"]
    if wanted.active is not None:
        actions.append("activated" if wanted.active else "deactivated")
    return actions


def _require_may_invite(actor: Member | None, member_id: str) -> None:
    """The session was looked up a moment ago; whoever was deactivated or demoted since invites nobody any more."""
    allowed = actor is not None and actor.active and (actor.role is Role.SUPERVISOR or actor.id == member_id)
    if not allowed:
        raise Forbidden("Only a supervisor may do this.")


def _no_passkey() -> Unauthenticated:
    return Unauthenticated("This passkey is not known here, or no longer.")


def _no_invitation() -> NotFound:
    return NotFound("This invitation was used, has ended, or was withdrawn. Ask for a new one.")
