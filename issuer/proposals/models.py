"""The table of proposals."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger
from sqlmodel import Field, Index

from issuer.models import IssuerTable


class ProposalState(StrEnum):
    """What became of it. One that waits past its time is `expired`, which no row says."""

    WAITING = "waiting"
    DONE = "done"
    REJECTED = "rejected"
    EXPIRED = "expired"


class Proposal(IssuerTable, table=True):
    """An action with its reason: who proposed it, what, and who decided.

    One that takes no second pair of eyes is done at once, and nobody decided. `note` is free text of who proposed it,
    `decision_note` of who rejected it; both stay here. `changed` counts the records that it changed.
    """

    __tablename__ = "proposals"
    __table_args__ = (Index("ix_proposals_state", "state", "proposed_at"),)

    id: str = Field(primary_key=True, max_length=32)
    action: str = Field(max_length=40)
    record_id: str = Field(max_length=64, index=True)
    parameters: dict[str, Any] = Field(sa_type=JSON)
    detail: str = Field(max_length=200)
    reason: str = Field(max_length=40)
    note: str = Field(max_length=500)
    state: str = Field(max_length=10)
    proposed_by: str = Field(max_length=32)
    proposed_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    decided_by: str | None = Field(default=None, max_length=32)
    decided_at: int | None = Field(default=None, sa_type=BigInteger)
    decision_note: str = Field(default="", max_length=500)
    changed: int | None = Field(default=None)
