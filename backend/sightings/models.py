"""What the backend keeps of a sighting."""

from __future__ import annotations

from enum import StrEnum
from uuid import uuid4

from sqlalchemy import BigInteger
from sqlmodel import Field

from backend.models import BackendTable
from vc_core.credential_types.definition import MAX_TEXT


class SightingMethod(StrEnum):
    """How the card was shown: a QR code at the desk, an answer to a request of the desk's, or on paper with its PIN."""

    QR = "qr"
    REQUEST = "request"
    PRINTED_CARD = "printed_card"


class Sighting(BackendTable, table=True):
    """A patient's card as a hospital accepted it at `checked_at`; `facility_did` names the hospital."""

    __tablename__ = "sighting"

    id: str = Field(default_factory=lambda: uuid4().hex, primary_key=True, max_length=32)
    health_id: str = Field(max_length=MAX_TEXT)
    facility_did: str = Field(max_length=255)
    method: str = Field(max_length=16)
    checked_at: int = Field(sa_type=BigInteger)
