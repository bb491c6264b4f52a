"""What a job is told that writes roots of this issuer's logs to the ledger: of status lists, and of the audit log."""

from __future__ import annotations

from pydantic import BaseModel


class BatchAnswer(BaseModel):
    """Which root is to be written to the ledger: `log` by its public name, `root` in hex digits over `size` entries.

    They are null where nothing is new since the last one. `waiting` counts the entries left for a later batch.
    """

    log: str
    batch: int | None = None
    root: str | None = None
    size: int | None = None
    waiting: int = 0
