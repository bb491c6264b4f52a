"""What people at a desk may do."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a member may do: `desk` checks, `supervisor` also says who works here."""

    DESK = "desk"
    SUPERVISOR = "supervisor"
