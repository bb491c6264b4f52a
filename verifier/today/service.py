"""A desk's day: from midnight in Thailand until now."""

from __future__ import annotations

import datetime
import re
from dataclasses import asdict

from sqlalchemy import Connection

from vc_core.clock import Clock
from vc_core.coverage import BANGKOK
from vc_core.errors import Conflict, NotFound
from vc_core.web.database import Database
from verifier.today.repository import DayRepository
from verifier.today.schemas import CheckOfToday, FaceAnswer, TodayAnswer

MAX_LISTED = 200
_CHECK_ID = re.compile(r"[0-9a-f]{32}\Z")
"""What ids of checks look like. No other text is looked for: PostgreSQL has no NUL in texts, and raises on one."""


def midnight_before(now: int) -> int:
    """When the day began in Thailand, both in seconds since 1970."""
    today = datetime.datetime.fromtimestamp(now, BANGKOK)
    return int(today.replace(hour=0, minute=0, second=0).timestamp())


class TodayService:
    """Answers for one desk, that is for one hospital."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def say_face(self, check_id: str, *, same_person: bool, staff_id: str | None) -> FaceAnswer:
        """Records whether it was the same person. To say the same once more changes nothing.

        Raises `NotFound` where no such check was accepted today, `Conflict` where the opposite was said before.
        """
        now = self._clock()
        if not _CHECK_ID.match(check_id):
            raise _no_check()

        def say(connection: Connection) -> bool | None:
            day = DayRepository(connection)
            day.say_face(check_id, same_person=same_person, staff_id=staff_id, now=now, since=midnight_before(now))
            return day.face(check_id)

        recorded = await self._database.write(say)
        if recorded is None:
            raise _no_check()
        if recorded is not same_person:
            raise Conflict("The opposite was recorded for this check, and stays.")
        return FaceAnswer(check_id=check_id, same_person=same_person)

    async def today(self) -> TodayAnswer:
        """The checks of today."""
        since = midnight_before(self._clock())

        def load(connection: Connection) -> TodayAnswer:
            day = DayRepository(connection)
            counts = day.counts(since=since)
            return TodayAnswer(
                accepted=counts.get("accepted", 0),
                rejected=counts.get("rejected", 0),
                checks=[CheckOfToday(**asdict(line)) for line in day.latest(since=since, limit=MAX_LISTED)],
            )

        return await self._database.write(load)


def _no_check() -> NotFound:
    return NotFound("No such check was accepted here today.")
