"""What the verifier owes the wallet's provider: gone as soon as it is told."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import BigInteger
from sqlmodel import Field

from verifier.models import VerifierTable


class OwedSighting(VerifierTable, table=True):
    """A card that was accepted at `checked_at`, and when the provider is to be told next.

    The only place where the verifier keeps whose card it was beyond the answer to the desk, and only until it is told.
    """

    __tablename__ = "owed_sighting"

    id: str = Field(default_factory=lambda: uuid4().hex, primary_key=True, max_length=32)
    health_id: str = Field(max_length=32)
    method: str = Field(max_length=16)
    checked_at: int = Field(sa_type=BigInteger)
    due_at: int = Field(sa_type=BigInteger, index=True)
    attempts: int = 0
