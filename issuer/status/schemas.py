"""Status changes on the wire."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from vc_core.formats.status_list import Status


class StatusName(StrEnum):
    """A status as officers call it."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"

    @property
    def status(self) -> Status:
        """The value in the status list."""
        return _STATUSES[self]


_STATUSES = {
    StatusName.VALID: Status.VALID,
    StatusName.SUSPENDED: Status.SUSPENDED,
    StatusName.REVOKED: Status.INVALID,
}


class StatusChange(BaseModel):
    """A new status for all of a person's credentials of one type; revoked is final."""

    model_config = ConfigDict(extra="forbid")

    credential_type: str = Field(max_length=50, examples=["InsuranceCoverage"])
    status: StatusName


class StatusAnswer(BaseModel):
    """What was asked for, and how many credentials changed by it."""

    credential_type: str
    status: StatusName
    changed: int


class StatusListAggregation(BaseModel):
    """Token Status List section 9.3: where all lists of this issuer are, for whoever fetches them beforehand."""

    status_lists: list[str]
