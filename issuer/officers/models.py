"""Tables of officers. Of invitations and sessions there are hashes only, in hex digits."""

from sqlalchemy import JSON, BigInteger, LargeBinary
from sqlmodel import Field

from issuer.models import IssuerTable


class Officer(IssuerTable, table=True):
    """Somebody who works at the office. The id is what the record of what was done has of them, and outlasts them."""

    __tablename__ = "officers"

    id: str = Field(primary_key=True, max_length=32)
    name: str = Field(max_length=80)
    roles: list[str] = Field(sa_type=JSON)
    active: bool = True
    created_at: int = Field(sa_type=BigInteger)
    last_signed_in_at: int | None = Field(default=None, sa_type=BigInteger)


class OfficerPasskey(IssuerTable, table=True):
    """One of an officer's passkeys; `public_key` is a COSE_Key.

    One that is not admitted signs nobody in yet: the office's policy wants a second approver to say whose it is.
    """

    __tablename__ = "officer_passkeys"

    credential_id: bytes = Field(primary_key=True, sa_type=LargeBinary)
    officer_id: str = Field(max_length=32, foreign_key="officers.id", index=True)
    public_key: bytes = Field(sa_type=LargeBinary)
    sign_count: int = Field(sa_type=BigInteger)
    admitted: bool
    created_at: int = Field(sa_type=BigInteger)


class OfficerInvitation(IssuerTable, table=True):
    """A link by which an officer makes a passkey, once; `invited_by` is the id of who made it."""

    __tablename__ = "officer_invitations"

    code_hash: str = Field(primary_key=True, max_length=64)
    officer_id: str = Field(max_length=32, foreign_key="officers.id", index=True)
    invited_by: str = Field(max_length=32)
    expires_at: int = Field(sa_type=BigInteger, index=True)
    used_at: int | None = Field(default=None, sa_type=BigInteger)


class OfficerSession(IssuerTable, table=True):
    """A browser in which an officer is signed in; signing out deletes it."""

    __tablename__ = "officer_sessions"

    secret_hash: str = Field(primary_key=True, max_length=64)
    officer_id: str = Field(max_length=32, foreign_key="officers.id", index=True)
    signed_in_at: int = Field(sa_type=BigInteger, index=True)
    last_seen_at: int = Field(sa_type=BigInteger)


class UsedPasskeyChallenge(IssuerTable, table=True):
    """A challenge that was answered (SHA-256): it does not count a second time."""

    __tablename__ = "used_passkey_challenges"

    digest: str = Field(primary_key=True, max_length=64)
    expires_at: int = Field(sa_type=BigInteger, index=True)
