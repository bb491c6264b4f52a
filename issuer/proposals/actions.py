"""Actions that need a reason, and by the office's policy a second pair of eyes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

from sqlmodel.ext.asyncio.session import AsyncSession


class OfficeAction(StrEnum):
    """The actions, as `ISSUER_FOUR_EYES` and the record of what was done name them."""

    SUSPEND = "suspend"
    RESTORE = "restore"
    REVOKE = "revoke"
    SUSPEND_MANY = "suspend_many"
    RESTORE_MANY = "restore_many"
    REVOKE_MANY = "revoke_many"
    ADMIT_OFFICER = "admit_officer"
    CHANGE_OFFICER = "change_officer"


PRODUCTION_FOUR_EYES = frozenset(
    {
        OfficeAction.REVOKE,
        OfficeAction.SUSPEND_MANY,
        OfficeAction.REVOKE_MANY,
        OfficeAction.ADMIT_OFFICER,
        OfficeAction.CHANGE_OFFICER,
    }
)
"""What takes four eyes in production where the settings do not say otherwise: what can't be undone, what meets many,
and who is let in or may do more, since whoever could decide on that alone could be all four eyes."""


class ActionReason(StrEnum):
    """Why something is done, for those who look at it later; desks and wallets are not told."""

    LOST_OR_STOLEN = "lost_or_stolen"
    COVERAGE_ENDED = "coverage_ended"
    WRONG_DATA = "wrong_data"
    SUSPECTED_FRAUD = "suspected_fraud"
    DECEASED = "deceased"
    HOLDER_ASKED = "holder_asked"
    RESOLVED = "resolved"
    OTHER = "other"


class ReasonedAction(Protocol):
    """How one kind of action is done, within the transaction that records it.

    `record_id` and `parameters` (JSON) are what was proposed.
    """

    async def check(self, session: AsyncSession, record_id: str, parameters: Mapping[str, Any]) -> None:
        """Returns where it could be done now. Raises a `RequestError` otherwise."""

    async def carry_out(self, session: AsyncSession, record_id: str, parameters: Mapping[str, Any]) -> int:
        """Does it; returns how many records changed. Raises a `RequestError` where it can't be done."""
