"""What the desk answers to an import."""

from __future__ import annotations

from pydantic import BaseModel, Field


class AnchorAnswer(BaseModel):
    """The proof that came with the bundle, which was checked."""

    chain_id: int = Field(description="Where the root is anchored.")
    index: int = Field(description="The number of the root in its log.")
    block_number: int = Field(description="Up to which block of the registry's chain the root covers it.")
    event_count: int
    in_registry: bool = Field(
        description="Whether the anchor is in the registry itself; false where it is on another chain, not asked here."
    )


class ImportAnswer(BaseModel):
    """A bundle that was imported. Times in seconds since 1970."""

    signer: str
    sequence: int
    issued_at: int
    block_number: int = Field(description="Up to which block the bundle tells the registry.")
    synced_at: int = Field(description="When that block was known to be the newest.")
    age_seconds: int = Field(description="How old the desk's knowledge of the registry is now.")
    new_events: int = Field(description="How many events of the registry the desk did not have.")
    status_lists_taken: int
    status_lists_not_newer: int
    status_lists_refused: int = Field(description="Expired, or not properly signed.")
    anchor: AnchorAnswer | None
