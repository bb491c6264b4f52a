"""The inbox and the outbox.

A patient's messages are numbered without gaps, in the order in which they were committed: the counter's row is locked
from the message on until the commit, so that nobody who reads on from message 7 misses a message 6 that came late.
"""

from __future__ import annotations

from enum import StrEnum
from uuid import uuid4

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlmodel import Field

from backend.models import BackendTable
from vc_core.credential_types.definition import MAX_TEXT


class Template(StrEnum):
    """The kinds of messages; wallets hold their text in the patient's language."""

    APPOINTMENT_CONFIRMED = "appointment_confirmed"
    CLAIM_APPROVED = "claim_approved"
    DEVICE_REGISTERED = "device_registered"
    CARD_SHOWN = "card_shown"


class OutboxState(StrEnum):
    """Queued and leased are on their way; accepted, failed and expired are final.

    Accepted is by a push service, and not yet seen by anybody.
    """

    QUEUED = "queued"
    LEASED = "leased"
    ACCEPTED = "accepted"
    FAILED = "failed"
    EXPIRED = "expired"


class Inbox(BackendTable, table=True):
    """A patient's inbox: how many messages it ever got. There is one as soon as there is something to note of it."""

    __tablename__ = "inbox"

    health_id: str = Field(primary_key=True, max_length=MAX_TEXT)
    last_number: int = Field(sa_type=BigInteger)


class InboxMessage(BackendTable, table=True):
    """A message as a patient reads it; `parameters` is a JSON object. `opened_at` is when they first did."""

    __tablename__ = "inbox_message"
    __table_args__ = (UniqueConstraint("health_id", "number"),)

    id: str = Field(default_factory=lambda: uuid4().hex, primary_key=True, max_length=32)
    health_id: str = Field(max_length=MAX_TEXT)
    number: int = Field(sa_type=BigInteger)
    template: str = Field(max_length=32)
    parameters: str = Field(sa_type=Text)
    created_at: int = Field(sa_type=BigInteger)
    opened_at: int | None = Field(default=None, sa_type=BigInteger)


class OutboxEntry(BackendTable, table=True):
    """A push that one device is owed about one message.

    `due_at` is when it may be tried next: for a leased entry, when the lease ends. `attempts` counts the leases, and so
    names the newest: only its holder may say what became of the entry. `error` is the last failure's code.
    """

    __tablename__ = "outbox_entry"
    __table_args__ = (Index("ix_outbox_entry_state_due_at", "state", "due_at"),)

    id: str = Field(default_factory=lambda: uuid4().hex, primary_key=True, max_length=32)
    message_id: str = Field(max_length=32, foreign_key="inbox_message.id")
    template: str = Field(max_length=32)
    device_id: str = Field(max_length=32)
    state: str = Field(default=OutboxState.QUEUED, max_length=16)
    due_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    attempts: int = 0
    error: str | None = Field(default=None, max_length=32)
