"""Messages as they go over the wire."""

from __future__ import annotations

from pydantic import BaseModel, Field

from backend.notifications.models import Template


class Message(BaseModel):
    """One message. The wallet has the text of its template, and fills in the parameters."""

    id: str
    template: Template
    parameters: dict[str, str | int]
    created_at: int = Field(description="Seconds since 1970.")
    opened_at: int | None = Field(description="When it was first opened, in seconds since 1970; null if never.")


class Messages(BaseModel):
    """A page of the inbox, the oldest message first."""

    messages: list[Message]
