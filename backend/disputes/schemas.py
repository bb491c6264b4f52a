"""Disputes as they go over the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from backend.disputes.models import Disputed
from backend.schemas import RecordId, WireModel


class DisputeRequest(WireModel):
    """The patient says of what a message tells that it wasn't them."""

    message_id: Annotated[RecordId, Field(description="A message about a card that was shown, a claim, or a device.")]


class RecordedDispute(BaseModel):
    """The dispute; saying it again gives the same."""

    dispute_id: str
    created_at: int = Field(description="Seconds since 1970.")


class ListedDispute(BaseModel):
    """A dispute, for whoever has to look into it."""

    dispute_id: str
    kind: Disputed
    subject_id: str = Field(description="The `claim_id`, `sighting_id` or `device_id`.")
    health_id: str
    created_at: int = Field(description="Seconds since 1970.")


class ListedDisputes(BaseModel):
    """A page of disputes, the newest first."""

    disputes: list[ListedDispute]
