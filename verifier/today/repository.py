"""The SQL of a desk's day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, text
from sqlmodel import col

from verifier.checks.models import CheckRecord
from verifier.staff.models import StaffMember
from verifier.today.models import FaceComparison

# The primary key decides who said it first; the subquery, of what: accepted here and today.
_SAY = text(
    "INSERT INTO face_comparison (check_id, same_person, compared_at, staff_id) "
    "SELECT check_id, :same_person, :now, :staff_id FROM check_record "
    "WHERE check_id = :check_id AND verdict = 'accepted' AND checked_at >= :since "
    "ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True)
class DayLine:
    """A check as the day's list has it; `same_person` is None where no face was compared."""

    check_id: str
    checked_at: int
    verdict: str
    code: str
    credential_type: str | None
    same_person: bool | None
    checked_by: str | None


class DayRepository:
    """Reads and writes in one transaction. Times are seconds since 1970."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def say_face(self, check_id: str, *, same_person: bool, staff_id: str | None, now: int, since: int) -> bool:
        """Whether this was the first word on a check that was accepted since then."""
        values: dict[str, Any] = {"check_id": check_id, "same_person": same_person, "staff_id": staff_id}
        return self._connection.execute(_SAY, {**values, "now": now, "since": since}).rowcount == 1

    def face(self, check_id: str) -> bool | None:
        """What was said of a check, if anything."""
        query = select(col(FaceComparison.same_person)).where(col(FaceComparison.check_id) == check_id)
        return self._connection.execute(query).scalar()

    def counts(self, *, since: int) -> dict[str, int]:
        """How many checks there were, by verdict."""
        query = select(col(CheckRecord.verdict), func.count()).group_by(col(CheckRecord.verdict))
        return {row[0]: row[1] for row in self._connection.execute(query.where(_after(since)))}

    def latest(self, *, since: int, limit: int) -> Sequence[DayLine]:
        """The latest checks, the newest first."""
        query = (
            select(
                col(CheckRecord.check_id),
                col(CheckRecord.checked_at),
                col(CheckRecord.verdict),
                col(CheckRecord.code),
                col(CheckRecord.credential_type),
                col(FaceComparison.same_person),
                col(StaffMember.name),
            )
            .outerjoin(FaceComparison, col(FaceComparison.check_id) == col(CheckRecord.check_id))
            .outerjoin(StaffMember, col(StaffMember.id) == col(CheckRecord.staff_id))
            .where(_after(since))
            .order_by(col(CheckRecord.checked_at).desc(), col(CheckRecord.check_id).desc())
            .limit(limit)
        )
        return [DayLine(*row) for row in self._connection.execute(query)]


def _after(since: int) -> Any:
    return col(CheckRecord.checked_at) >= since
