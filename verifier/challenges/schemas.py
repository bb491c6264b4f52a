"""Challenges as they go over the wire to a desk's program."""

from __future__ import annotations

from pydantic import BaseModel, Field


class CreatedChallenge(BaseModel):
    """A challenge to show to a phone."""

    id: str
    qr: str = Field(description="The text for the QR code. What the phone shows in return goes to `POST /checks`.")
    expires_at: int = Field(description="Seconds since 1970.")
