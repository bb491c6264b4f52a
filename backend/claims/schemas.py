"""Claims as they go over the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from backend.claims.models import ClaimStatus
from backend.schemas import Date, HealthNumber, HospitalCode, WireModel

MAX_AMOUNT_SATANG = 10**12


class ClaimRequest(WireModel):
    """A hospital's claim for one day of service."""

    health_id: HealthNumber
    hospital_code: HospitalCode
    service_date: Date
    amount_satang: Annotated[int, Field(gt=0, le=MAX_AMOUNT_SATANG, description="Hundredths of a baht.")]


class SubmittedClaim(BaseModel):
    """The claim as submitted; the answer says nothing of whether the patient is known."""

    claim_id: str
    status: ClaimStatus


class ClaimState(BaseModel):
    """Where the claim stands, and whether the patient says that it was not them."""

    status: ClaimStatus
    disputed: bool
