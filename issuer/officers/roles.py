"""What people at the issuing office are there for."""

from __future__ import annotations

from enum import StrEnum


class OfficeRole(StrEnum):
    """What somebody at the office is there for.

    Officers search, import rosters, offer, renew and propose; approvers decide on what needs four eyes; auditors read
    everything and change nothing.
    """

    OFFICER = "officer"
    APPROVER = "approver"
    AUDITOR = "auditor"
