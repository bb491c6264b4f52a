"""A desk's day, as it goes over the wire."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from vc_core.errors import ReasonCode


class SayFace(BaseModel):
    """What somebody saw who compared the person with the document or the portrait."""

    model_config = ConfigDict(extra="forbid", strict=True)

    same_person: bool


class FaceAnswer(BaseModel):
    """What is recorded now."""

    check_id: str
    same_person: bool


class CheckOfToday(BaseModel):
    """One check. It does not say of whom: the verifier keeps no names."""

    check_id: str
    checked_at: int = Field(description="Seconds since 1970.")
    verdict: str = Field(description="`accepted` or `rejected`.")
    code: ReasonCode
    credential_type: str | None
    same_person: bool | None = Field(description="Whether the face was the right one; null where none was compared.")
    checked_by: str | None = Field(description="The member of the staff; null for a program or an open desk.")


class TodayAnswer(BaseModel):
    """The checks since midnight in Thailand, the newest first; of very many, the latest."""

    accepted: int
    rejected: int
    checks: list[CheckOfToday]
