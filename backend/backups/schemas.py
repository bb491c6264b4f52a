"""Backups as they go over the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from backend.schemas import WireModel

MAX_CIPHERTEXT_CHARACTERS = 1024 * 1024

Version = Annotated[int, Field(ge=1, le=2**53 - 1, description="Counts up with each backup of an address.")]


class NewBackup(WireModel):
    """A wallet as its phone sealed it."""

    version: Version
    ciphertext: Annotated[
        str,
        Field(
            min_length=1,
            max_length=MAX_CIPHERTEXT_CHARACTERS,
            pattern=r"^[A-Za-z0-9_-]+$",
            description="Base64url; opaque to this service.",
        ),
    ]


class StoredBackup(BaseModel):
    """The newest backup of an address."""

    version: Version
    ciphertext: str = Field(description="Base64url, as it was sent.")
