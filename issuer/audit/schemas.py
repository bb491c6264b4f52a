"""The record of what was done, on the wire."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class AuditEntryAnswer(BaseModel):
    """One line; `at` in seconds since 1970, `hash` the chain's up to it, in hex digits."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    at: int
    principal_id: str = Field(
        description="An officer's id, `token` for the office's bearer token, `nobody` for whoever is not signed in"
    )
    action: str
    record_id: str = Field(description="Of the person, set of credentials or officer that it was about; may be empty")
    detail: str = Field(description="Such as the type of the credentials; nothing about a person")
    outcome: str = Field(description="done, proposed, approved, rejected, or the code of a refusal")
    hash: str


class AuditPage(BaseModel):
    """The newest lines first; `next` is what to pass as `before`, null on the last page."""

    entries: list[AuditEntryAnswer]
    next: int | None


class ChainAnswer(BaseModel):
    """The chain, computed anew. Keep `entries` and `head`: a chain that was written anew has another head."""

    intact: bool
    entries: int
    head: str = Field(description="The hash of the last line, in hex digits")
    broken_at: int | None = Field(description="The number of the first line that is not as it was written")
