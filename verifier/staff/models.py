"""What the verifier keeps of its staff. Of invitations and sessions it has hashes only."""

from __future__ import annotations

from sqlalchemy import BigInteger, LargeBinary
from sqlmodel import Field

from verifier.models import VerifierTable


class StaffMember(VerifierTable, table=True):
    """Somebody who works here. `id` is what records of checks have of them, and outlasts their leaving."""

    __tablename__ = "staff_member"

    id: str = Field(primary_key=True, max_length=32)
    name: str = Field(max_length=80)
    role: str = Field(max_length=16)
    active: bool
    created_at: int = Field(sa_type=BigInteger)
    last_signed_in_at: int | None = Field(default=None, sa_type=BigInteger)


class StaffPasskey(VerifierTable, table=True):
    """One of a member's passkeys; `public_key` is a COSE_Key."""

    __tablename__ = "staff_passkey"

    credential_id: bytes = Field(primary_key=True, sa_type=LargeBinary)
    member_id: str = Field(max_length=32, foreign_key="staff_member.id", index=True)
    public_key: bytes = Field(sa_type=LargeBinary)
    sign_count: int = Field(sa_type=BigInteger)
    created_at: int = Field(sa_type=BigInteger)


class StaffInvitation(VerifierTable, table=True):
    """A link by which a member makes a passkey, once. `invited_by` is null where the manager token invited."""

    __tablename__ = "staff_invitation"

    code_hash: str = Field(primary_key=True, max_length=64)
    member_id: str = Field(max_length=32, foreign_key="staff_member.id", index=True)
    invited_by: str | None = Field(default=None, max_length=32)
    expires_at: int = Field(sa_type=BigInteger, index=True)
    used_at: int | None = Field(default=None, sa_type=BigInteger)


class StaffSession(VerifierTable, table=True):
    """A browser in which a member is signed in; signing out deletes it."""

    __tablename__ = "staff_session"

    secret_hash: str = Field(primary_key=True, max_length=64)
    member_id: str = Field(max_length=32, foreign_key="staff_member.id", index=True)
    signed_in_at: int = Field(sa_type=BigInteger, index=True)
    last_seen_at: int = Field(sa_type=BigInteger)


class StaffUsedChallenge(VerifierTable, table=True):
    """A challenge that was answered (SHA-256, hex): it does not count a second time."""

    __tablename__ = "staff_used_challenge"

    digest: str = Field(primary_key=True, max_length=64)
    expires_at: int = Field(sa_type=BigInteger, index=True)


class StaffEvent(VerifierTable, table=True):
    """One line of the audit log of the staff: `actor_id` (null: the manager token) did `action` to `member_id`.

    Of `sign_in_refused` and `invitation_refused` nobody is the actor: `member_id` is whose passkey or link it was.
    """

    __tablename__ = "staff_event"

    id: str = Field(primary_key=True, max_length=32)
    at: int = Field(sa_type=BigInteger, index=True)
    action: str = Field(max_length=32)
    member_id: str = Field(max_length=32, foreign_key="staff_member.id", index=True)
    actor_id: str | None = Field(default=None, max_length=32)
