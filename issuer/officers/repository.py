"""Officers, in the database. What may happen once is one conditional UPDATE, or a unique constraint, here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, text, update
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.officers.models import Officer, OfficerInvitation, OfficerPasskey, OfficerSession, UsedPasskeyChallenge

_USE_CHALLENGE = text(
    "INSERT INTO used_passkey_challenges (digest, expires_at) VALUES (:digest, :until) ON CONFLICT DO NOTHING"
)
_UNSYNCHRONIZED: dict[str, Any] = {"synchronize_session": False}


@dataclass(frozen=True)
class ListedOfficer:
    """An officer, how many passkeys they have that sign them in, and until when an invitation waits (None: none)."""

    officer: Officer
    passkeys: int
    invited_until: int | None


class OfficerRepository:
    """Officers within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def save(self, row: SQLModel) -> None:
        """Writes a new row, or what changed of one. Raises `IntegrityError` where it is there already."""
        self._session.add(row)
        await self._session.flush()

    async def load(self, officer_id: str) -> Officer | None:
        """An officer, active or not."""
        return await self._session.get(Officer, officer_id)

    async def lock(self, officer_id: str) -> Officer | None:
        """An officer as they are now; nobody else changes them until the transaction ends."""
        query = select(Officer).where(col(Officer.id) == officer_id).with_for_update(key_share=True)
        return (await self._session.exec(query.execution_options(populate_existing=True))).one_or_none()

    async def load_list(self, *, now: int) -> list[ListedOfficer]:
        """All officers, those who left too, by name."""
        counted = select(OfficerPasskey.officer_id, func.count()).where(col(OfficerPasskey.admitted))
        passkeys = dict((await self._session.exec(counted.group_by(col(OfficerPasskey.officer_id)))).all())
        waiting = select(OfficerInvitation.officer_id, OfficerInvitation.expires_at).where(
            col(OfficerInvitation.used_at).is_(None), col(OfficerInvitation.expires_at) > now
        )
        invited = dict((await self._session.exec(waiting)).all())
        officers = await self._session.exec(select(Officer).order_by(col(Officer.name), col(Officer.id)))
        return [ListedOfficer(each, passkeys.get(each.id, 0), invited.get(each.id)) for each in officers]

    async def invite(self, invitation: OfficerInvitation) -> None:
        """Writes an invitation; others of this officer that wait are withdrawn, so that one link counts."""
        unused = col(OfficerInvitation.officer_id) == invitation.officer_id, col(OfficerInvitation.used_at).is_(None)
        await self._session.exec(delete(OfficerInvitation).where(*unused))
        await self.save(invitation)

    async def load_invited(self, code_hash: str, *, now: int) -> tuple[Officer, OfficerInvitation] | None:
        """Whom an invitation that waits is for, if they are active."""
        query = select(Officer, OfficerInvitation).join(
            OfficerInvitation, col(OfficerInvitation.officer_id) == col(Officer.id)
        )
        return (await self._session.exec(query.where(*_waits(code_hash, now), col(Officer.active)))).first()

    async def load_invitation(self, code_hash: str) -> OfficerInvitation | None:
        """An invitation that is not forgotten yet, used or not."""
        return await self._session.get(OfficerInvitation, code_hash)

    async def use_invitation(self, code_hash: str, *, now: int) -> bool:
        """Whether the invitation waited until now: once."""
        change = update(OfficerInvitation).where(*_waits(code_hash, now)).values(used_at=now)
        return (await self._session.exec(change.execution_options(**_UNSYNCHRONIZED))).rowcount == 1

    async def load_passkeys(self, officer_id: str) -> Sequence[OfficerPasskey]:
        """An officer's passkeys."""
        query = select(OfficerPasskey).where(col(OfficerPasskey.officer_id) == officer_id)
        return (await self._session.exec(query)).all()

    async def load_passkey(self, credential_id: bytes) -> tuple[OfficerPasskey, Officer] | None:
        """A passkey and whose it is, active or not."""
        query = select(OfficerPasskey, Officer).join(Officer, col(OfficerPasskey.officer_id) == col(Officer.id))
        return (await self._session.exec(query.where(col(OfficerPasskey.credential_id) == credential_id))).first()

    async def count_passkey(self, passkey: OfficerPasskey, sign_count: int) -> bool:
        """Keeps a passkey's new count; False where it is gone, or a device that counts used it meanwhile."""
        change = (
            update(OfficerPasskey)
            .where(
                col(OfficerPasskey.credential_id) == passkey.credential_id,
                col(OfficerPasskey.sign_count) == passkey.sign_count,
            )
            .values(sign_count=sign_count)
        )
        return (await self._session.exec(change.execution_options(**_UNSYNCHRONIZED))).rowcount == 1

    async def admit_passkey(self, officer_id: str, credential_id: bytes) -> bool:
        """Lets a passkey sign its officer in; False where there is no such, or it does so already."""
        change = (
            update(OfficerPasskey)
            .where(
                col(OfficerPasskey.credential_id) == credential_id,
                col(OfficerPasskey.officer_id) == officer_id,
                col(OfficerPasskey.admitted).is_(False),
            )
            .values(admitted=True)
        )
        return (await self._session.exec(change.execution_options(**_UNSYNCHRONIZED))).rowcount == 1

    async def use_challenge(self, digest: str, *, until: int) -> bool:
        """Whether it is the first answer to this challenge."""
        connection = await self._session.connection()
        return (await connection.execute(_USE_CHALLENGE, {"digest": digest, "until": until})).rowcount == 1

    async def open_session(self, officer_id: str, secret_hash: str, *, now: int) -> bool:
        """Signs an officer in; False where they are not, or no longer, active.

        The officer's row is written first: who deactivates them at the same time comes before or after, not between.
        """
        change = update(Officer).where(col(Officer.id) == officer_id, col(Officer.active)).values(last_signed_in_at=now)
        if (await self._session.exec(change.execution_options(**_UNSYNCHRONIZED))).rowcount != 1:
            return False
        await self.save(
            OfficerSession(secret_hash=secret_hash, officer_id=officer_id, signed_in_at=now, last_seen_at=now)
        )
        return True

    async def load_session(self, secret_hash: str) -> tuple[OfficerSession, Officer] | None:
        """A session and who is signed in by it, if they are active."""
        query = select(OfficerSession, Officer).join(Officer, col(OfficerSession.officer_id) == col(Officer.id))
        return (
            await self._session.exec(query.where(col(OfficerSession.secret_hash) == secret_hash, col(Officer.active)))
        ).first()

    async def touch_session(self, secret_hash: str, *, now: int) -> bool:
        """Keeps when a session was seen last; False where it has ended meanwhile."""
        change = update(OfficerSession).where(col(OfficerSession.secret_hash) == secret_hash).values(last_seen_at=now)
        return (await self._session.exec(change.execution_options(**_UNSYNCHRONIZED))).rowcount == 1

    async def delete_session(self, secret_hash: str) -> None:
        """Signs out."""
        await self._session.exec(delete(OfficerSession).where(col(OfficerSession.secret_hash) == secret_hash))

    async def change(self, officer_id: str, **values: Any) -> bool:
        """Changes an officer; False where there is none."""
        change = update(Officer).where(col(Officer.id) == officer_id).values(**values)
        return (await self._session.exec(change.execution_options(**_UNSYNCHRONIZED))).rowcount == 1

    async def end_access(self, officer_id: str, *, forget_passkeys: bool = False) -> None:
        """Signs an officer out everywhere, and withdraws the invitations that wait for them or were made by them.

        In the order in which they come by these: whoever is just signing in is waited for, and their session ends too.
        """
        unused = col(OfficerInvitation.officer_id) == officer_id, col(OfficerInvitation.used_at).is_(None)
        await self._session.exec(delete(OfficerInvitation).where(*unused))
        await self.withdraw_invitations_by(officer_id)
        if forget_passkeys:
            await self._session.exec(delete(OfficerPasskey).where(col(OfficerPasskey.officer_id) == officer_id))
        await self._session.exec(delete(OfficerSession).where(col(OfficerSession.officer_id) == officer_id))

    async def withdraw_invitations_by(self, officer_id: str) -> None:
        """Withdraws the invitations that an officer made and nobody used yet."""
        unused = col(OfficerInvitation.invited_by) == officer_id, col(OfficerInvitation.used_at).is_(None)
        await self._session.exec(delete(OfficerInvitation).where(*unused))

    async def forget(self, *, now: int, signed_in_before: int) -> None:
        """Forgets what is over: challenges, invitations, and sessions from before that time."""
        await self._session.exec(delete(UsedPasskeyChallenge).where(col(UsedPasskeyChallenge.expires_at) <= now))
        await self._session.exec(delete(OfficerInvitation).where(col(OfficerInvitation.expires_at) <= now))
        await self._session.exec(delete(OfficerSession).where(col(OfficerSession.signed_in_at) <= signed_in_before))


def _waits(code_hash: str, now: int) -> tuple[ColumnElement[bool], ...]:
    return (
        col(OfficerInvitation.code_hash) == code_hash,
        col(OfficerInvitation.used_at).is_(None),
        col(OfficerInvitation.expires_at) > now,
    )
