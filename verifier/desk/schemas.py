"""What the desk's application reads, as it goes over the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class ClaimText(BaseModel):
    """A claim in one language; `choices` are the labels of its values, where it has a choice of them."""

    label: str
    kind: Literal["text", "integer", "date", "image"]
    choices: dict[str, str]


class CredentialTypeText(BaseModel):
    """A credential type in one language, its claims by name."""

    label: str
    has_status: bool = Field(description="Whether there is a status list whose age is to be told.")
    claims: dict[str, ClaimText]


class PolicyText(BaseModel):
    """Something that a phone may be asked for: the `policy` of `POST /requests`, and its name."""

    policy: str
    label: str


class DeskTexts(BaseModel):
    """One language's words for verdicts, the same as on the plain page. Reasons and next actions are by reason code."""

    language: str
    labels: dict[str, str]
    reasons: dict[str, str]
    next_actions: dict[str, str]
    schemes: dict[str, str] = Field(description="Names of coverage schemes by code.")
    credential_types: dict[str, CredentialTypeText]
    policies: list[PolicyText]


class DeskState(BaseModel):
    """Whose desk it is and how old its knowledge of the registry; null where it has none yet."""

    facility_name: str
    hospital_code: str
    trust_seconds: int | None
    max_trust_seconds: int = Field(description="The age from which on every check is refused (`STALE_TRUST`).")
