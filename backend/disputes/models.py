"""What the backend keeps of a dispute."""

from __future__ import annotations

from enum import StrEnum
from uuid import uuid4

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from backend.models import BackendTable
from vc_core.credential_types.definition import MAX_TEXT


class Disputed(StrEnum):
    """What can be disputed."""

    SIGHTING = "sighting"
    CLAIM = "claim"
    DEVICE = "device"


class Dispute(BackendTable, table=True):
    """A patient's word that the claim, sighting or device of `subject_id` was not theirs; there is one for each."""

    __tablename__ = "dispute"
    __table_args__ = (UniqueConstraint("kind", "subject_id"),)

    id: str = Field(default_factory=lambda: uuid4().hex, primary_key=True, max_length=32)
    health_id: str = Field(max_length=MAX_TEXT)
    kind: str = Field(max_length=16)
    subject_id: str = Field(max_length=32)
    created_at: int = Field(sa_type=BigInteger, index=True)
