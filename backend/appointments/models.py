"""What the backend keeps of an appointment."""

from __future__ import annotations

from enum import StrEnum
from uuid import uuid4

from sqlalchemy import BigInteger
from sqlmodel import Field

from backend.models import BackendTable
from vc_core.credential_types.definition import MAX_TEXT


class AppointmentStatus(StrEnum):
    """An appointment is asked for, then confirmed."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"


class Appointment(BackendTable, table=True):
    """An appointment of a patient at a hospital. `starts_at` is RFC 3339 with the offset that the hospital gave."""

    __tablename__ = "appointment"

    id: str = Field(default_factory=lambda: uuid4().hex, primary_key=True, max_length=32)
    health_id: str = Field(max_length=MAX_TEXT)
    hospital_code: str = Field(max_length=9)
    starts_at: str = Field(max_length=32)
    status: str = Field(default=AppointmentStatus.REQUESTED, max_length=16)
    created_at: int = Field(sa_type=BigInteger)
