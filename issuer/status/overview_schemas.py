"""The status lists' state on the wire. Times in seconds since 1970."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ListAnswer(BaseModel):
    """One list: `used` of `capacity` entries are taken, after which a new list is begun.

    Versions are those of the token; null before it was published, or put on the ledger.
    """

    model_config = ConfigDict(from_attributes=True)

    id: str
    issuer: str
    credential_types: list[str]
    size: int
    capacity: int
    used: int
    suspended: int
    revoked: int
    version: int | None
    published_at: int | None
    due_at: int = Field(description="From when on the next who asks gets a new version; 0 for at once")
    anchored_version: int | None


class ListsAnswer(BaseModel):
    """All lists; `waiting` counts published versions that are not on the ledger yet."""

    model_config = ConfigDict(from_attributes=True)

    lists: list[ListAnswer]
    waiting: int
    anchored_at: int | None
