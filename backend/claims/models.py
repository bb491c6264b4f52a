"""What the backend keeps of a claim."""

from __future__ import annotations

from enum import StrEnum
from uuid import uuid4

from sqlalchemy import BigInteger
from sqlmodel import Field

from backend.models import BackendTable
from vc_core.credential_types.definition import MAX_TEXT


class ClaimStatus(StrEnum):
    """A claim is submitted, then approved."""

    SUBMITTED = "submitted"
    APPROVED = "approved"


class Claim(BackendTable, table=True):
    """A hospital's claim for one day of service (`YYYY-MM-DD`), in satang (hundredths of a baht)."""

    __tablename__ = "claim"

    id: str = Field(default_factory=lambda: uuid4().hex, primary_key=True, max_length=32)
    health_id: str = Field(max_length=MAX_TEXT)
    hospital_code: str = Field(max_length=9)
    service_date: str = Field(max_length=10)
    amount_satang: int = Field(sa_type=BigInteger)
    status: str = Field(default=ClaimStatus.SUBMITTED, max_length=16)
    created_at: int = Field(sa_type=BigInteger)
