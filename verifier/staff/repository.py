"""The SQL of the staff. Whatever may happen once is one conditional UPDATE, or a unique constraint, here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, text, update
from sqlmodel import col

from vc_core.web.passkeys import RegisteredPasskey, VerifiedPasskey
from vc_core.web.sessions import SessionTimes
from verifier.staff.models import (
    StaffEvent,
    StaffInvitation,
    StaffMember,
    StaffPasskey,
    StaffSession,
    StaffUsedChallenge,
)
from verifier.staff.roles import Role

_ID = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
"""What our ids look like. No other text is looked for: PostgreSQL has no NUL in texts, and raises on one."""
_USE_CHALLENGE = text(
    "INSERT INTO staff_used_challenge (digest, expires_at) VALUES (:digest, :until) ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True)
class Member:
    """A member of the staff."""

    id: str
    name: str
    role: Role
    active: bool


@dataclass(frozen=True)
class MemberLine:
    """A member in the list: how many passkeys, until when an invitation waits, when they were last here."""

    member: Member
    passkeys: int
    invited_until: int | None
    last_signed_in_at: int | None


_MEMBER = (col(StaffMember.id), col(StaffMember.name), col(StaffMember.role), col(StaffMember.active))


class StaffRepository:
    """Reads and writes in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock_members(self, *member_ids: str | None) -> None:
        """From here to the end of the transaction nobody else changes these members, or what is theirs.

        Comes first in a transaction that changes several of their rows, and takes members in one order: so no two
        transactions wait for each other. Those of SQLite take turns in any case.
        """
        ids = [each for each in member_ids if each is not None and _ID.match(each)]
        query = select(col(StaffMember.id)).where(col(StaffMember.id).in_(ids)).order_by(col(StaffMember.id))
        self._connection.execute(query.with_for_update()).all()

    def add_member(self, member: Member, *, now: int) -> None:
        """A new member."""
        values = {"id": member.id, "name": member.name, "role": member.role, "active": member.active}
        self._connection.execute(insert(StaffMember).values(**values, created_at=now))

    def load_member(self, member_id: str) -> Member | None:
        """A member, active or not."""
        if not _ID.match(member_id):
            return None
        found = self._connection.execute(select(*_MEMBER).where(col(StaffMember.id) == member_id)).first()
        return None if found is None else _member(found)

    def list_members(self, *, now: int) -> list[MemberLine]:
        """All members by name, the active ones first."""
        passkeys = (
            select(func.count())
            .select_from(StaffPasskey)
            .where(col(StaffPasskey.member_id) == col(StaffMember.id))
            .scalar_subquery()
        )
        waiting = (
            select(func.max(col(StaffInvitation.expires_at)))
            .where(
                col(StaffInvitation.member_id) == col(StaffMember.id),
                col(StaffInvitation.used_at).is_(None),
                col(StaffInvitation.expires_at) > now,
            )
            .scalar_subquery()
        )
        query = select(*_MEMBER, passkeys, waiting, col(StaffMember.last_signed_in_at))
        rows = self._connection.execute(query.order_by(col(StaffMember.active).desc(), col(StaffMember.name)))
        return [MemberLine(_member(row), *row[len(_MEMBER) :]) for row in rows]

    def change_member(self, member_id: str, *, role: Role | None, active: bool | None) -> Member | None:
        """The member as changed; None where there is none."""
        values = {name: value for name, value in (("role", role), ("active", active)) if value is not None}
        if values and _ID.match(member_id):
            self._connection.execute(update(StaffMember).where(col(StaffMember.id) == member_id).values(**values))
        return self.load_member(member_id)

    def withdraw_invitations(self, member_id: str) -> None:
        """Withdraws the invitations that wait for a member, and those that they made for others."""
        theirs = or_(col(StaffInvitation.member_id) == member_id, col(StaffInvitation.invited_by) == member_id)
        self._connection.execute(delete(StaffInvitation).where(theirs, col(StaffInvitation.used_at).is_(None)))

    def withdraw_invitations_of_others(self, member_id: str) -> None:
        """Withdraws the invitations that a member made for others, and that wait."""
        others = (col(StaffInvitation.invited_by) == member_id, col(StaffInvitation.member_id) != member_id)
        self._connection.execute(delete(StaffInvitation).where(*others, col(StaffInvitation.used_at).is_(None)))

    def delete_sessions(self, member_id: str) -> None:
        """Signs a member out everywhere."""
        self._connection.execute(delete(StaffSession).where(col(StaffSession.member_id) == member_id))

    def add_invitation(self, row: StaffInvitation) -> None:
        """A new invitation; those of this member that wait are withdrawn, so that one link counts."""
        unused = (col(StaffInvitation.member_id) == row.member_id, col(StaffInvitation.used_at).is_(None))
        self._connection.execute(delete(StaffInvitation).where(*unused))
        self._connection.execute(insert(StaffInvitation).values(**row.model_dump()))

    def load_invited(self, code_hash: str, *, now: int) -> Member | None:
        """Whom an invitation that waits is for."""
        query = select(*_MEMBER).join(StaffInvitation, col(StaffInvitation.member_id) == col(StaffMember.id))
        found = self._connection.execute(query.where(*_waits(code_hash, now), col(StaffMember.active))).first()
        return None if found is None else _member(found)

    def load_invited_id(self, code_hash: str) -> str | None:
        """The id of whom an invitation is or was for, if it is not forgotten yet."""
        query = select(col(StaffInvitation.member_id)).where(col(StaffInvitation.code_hash) == code_hash)
        return self._connection.execute(query).scalar()

    def use_invitation(self, code_hash: str, *, now: int) -> bool:
        """Whether the invitation waited until now: once."""
        done = self._connection.execute(update(StaffInvitation).where(*_waits(code_hash, now)).values(used_at=now))
        return done.rowcount == 1

    def add_passkey(self, member_id: str, passkey: VerifiedPasskey, *, now: int) -> None:
        """A new passkey. Raises `IntegrityError` where somebody has it already."""
        self._connection.execute(
            insert(StaffPasskey).values(
                credential_id=passkey.credential_id,
                member_id=member_id,
                public_key=passkey.public_key,
                sign_count=passkey.sign_count,
                created_at=now,
            )
        )

    def credential_ids(self, member_id: str) -> Sequence[bytes]:
        """The names of a member's passkeys."""
        query = select(col(StaffPasskey.credential_id)).where(col(StaffPasskey.member_id) == member_id)
        return self._connection.execute(query).scalars().all()

    def load_passkey(self, credential_id: bytes) -> tuple[RegisteredPasskey, Member] | None:
        """A passkey and whose it is, active or not."""
        query = (
            select(*_MEMBER, col(StaffPasskey.public_key), col(StaffPasskey.sign_count))
            .join(StaffPasskey, col(StaffPasskey.member_id) == col(StaffMember.id))
            .where(col(StaffPasskey.credential_id) == credential_id)
        )
        found = self._connection.execute(query).first()
        if found is None:
            return None
        member = _member(found)
        return RegisteredPasskey(credential_id, found.public_key, found.sign_count, member.id.encode("ascii")), member

    def count_passkey(self, passkey: RegisteredPasskey, sign_count: int) -> bool:
        """Keeps a passkey's new count; False where it is gone, or was used meanwhile by a device that counts."""
        done = self._connection.execute(
            update(StaffPasskey)
            .where(
                col(StaffPasskey.credential_id) == passkey.credential_id,
                col(StaffPasskey.sign_count) == passkey.sign_count,
            )
            .values(sign_count=sign_count)
        )
        return done.rowcount == 1

    def delete_passkeys(self, member_id: str) -> int:
        """Forgets all passkeys of a member; returns how many."""
        return self._connection.execute(delete(StaffPasskey).where(col(StaffPasskey.member_id) == member_id)).rowcount

    def use_challenge(self, digest: str, *, until: int) -> bool:
        """Whether it is the first answer to this challenge."""
        return self._connection.execute(_USE_CHALLENGE, {"digest": digest, "until": until}).rowcount == 1

    def open_session(self, member_id: str, secret_hash: str, *, now: int) -> bool:
        """Signs a member in; False where they are not, or no longer, active.

        The member's row is written first: who deactivates them at the same time comes before or after, and not between.
        """
        here = (col(StaffMember.id) == member_id, col(StaffMember.active))
        if self._connection.execute(update(StaffMember).where(*here).values(last_signed_in_at=now)).rowcount != 1:
            return False
        values = {"secret_hash": secret_hash, "member_id": member_id, "signed_in_at": now, "last_seen_at": now}
        self._connection.execute(insert(StaffSession).values(**values))
        return True

    def load_session(self, secret_hash: str) -> tuple[Member, SessionTimes] | None:
        """Who is signed in by this secret, if they are active."""
        query = (
            select(*_MEMBER, col(StaffSession.signed_in_at), col(StaffSession.last_seen_at))
            .join(StaffSession, col(StaffSession.member_id) == col(StaffMember.id))
            .where(col(StaffSession.secret_hash) == secret_hash, col(StaffMember.active))
        )
        found = self._connection.execute(query).first()
        return None if found is None else (_member(found), SessionTimes(found.signed_in_at, found.last_seen_at))

    def touch_session(self, secret_hash: str, *, now: int) -> None:
        """Notes that the session is in use."""
        here = col(StaffSession.secret_hash) == secret_hash
        self._connection.execute(update(StaffSession).where(here).values(last_seen_at=now))

    def delete_session(self, secret_hash: str) -> None:
        """Signs out."""
        self._connection.execute(delete(StaffSession).where(col(StaffSession.secret_hash) == secret_hash))

    def add_event(self, event: StaffEvent) -> None:
        """One more line of the audit log."""
        self._connection.execute(insert(StaffEvent).values(**event.model_dump()))

    def has_event(self, action: str, member_id: str, *, since: int) -> bool:
        """Whether there is such a line of that time or later."""
        query = select(col(StaffEvent.id)).where(
            col(StaffEvent.member_id) == member_id, col(StaffEvent.action) == action, col(StaffEvent.at) >= since
        )
        return self._connection.execute(query.limit(1)).first() is not None

    def delete_old(self, *, now: int, signed_in_before: int) -> None:
        """Forgets what is over: challenges, invitations, and sessions from before that time."""
        self._connection.execute(delete(StaffUsedChallenge).where(col(StaffUsedChallenge.expires_at) <= now))
        self._connection.execute(delete(StaffInvitation).where(col(StaffInvitation.expires_at) <= now))
        self._connection.execute(delete(StaffSession).where(col(StaffSession.signed_in_at) <= signed_in_before))


def _waits(code_hash: str, now: int) -> tuple[ColumnElement[bool], ...]:
    return (
        col(StaffInvitation.code_hash) == code_hash,
        col(StaffInvitation.used_at).is_(None),
        col(StaffInvitation.expires_at) > now,
    )


def _member(row: Any) -> Member:
    return Member(row.id, row.name, Role(row.role), row.active)
