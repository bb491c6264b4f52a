"""Sightings as they go over the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from backend.schemas import HealthNumber, WireModel
from backend.sightings.models import SightingMethod


class SightingReport(WireModel):
    """A hospital saw a patient's card, and accepted it."""

    health_id: HealthNumber
    facility_did: Annotated[
        str, Field(pattern=r"^did:[!-~]+$", max_length=255, description="The hospital; the registry has its name.")
    ]
    method: Annotated[SightingMethod, Field(strict=False, description="How the card was shown.")]
    checked_at: Annotated[int, Field(ge=0, le=2**40, description="Seconds since 1970.")]


class ReportedSighting(BaseModel):
    """The sighting as kept; the answer says nothing of whether the patient is known."""

    sighting_id: str
