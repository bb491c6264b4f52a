"""Telling the wallet's provider of accepted cards, after the desk had its answer, at least once.

What is owed is written with the check's own record, in one transaction, and sent by a task of its own: no desk waits
for the provider, and a provider that is away for a while misses nothing. Each goes with its id as `Idempotency-Key`, so
that two processes, or one that died between sending and forgetting, make one message of it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from pydantic import SecretStr

from vc_core.clock import Clock
from vc_core.errors import FetchError
from vc_core.http import HttpClient
from vc_core.verification import Assurance
from vc_core.web.database import Database
from verifier.checks.schemas import Verdict
from verifier.settings import VerifierSettings
from verifier.sightings.models import OwedSighting
from verifier.sightings.repository import SightingRepository

RUN_SECONDS = 2.0
KEEP_TRYING_SECONDS = 7 * 24 * 3600
FIRST_RETRY_SECONDS = 10
LONGEST_RETRY_SECONDS = 3600
_AT_ONCE = 50
_HEALTH_NUMBER = re.compile(r"SB[0-9A-HJKMNP-TV-Z]{10}\Z")
_NEVER_TAKEN = frozenset({400, 409, 413, 422})
_log = logging.getLogger(__name__)

Owing = Callable[[Verdict, str], OwedSighting | None]
"""What is owed for a verdict, if anything: `owe_sighting`, or nothing ever where no provider is set."""


def owe_sighting(verdict: Verdict, method: str) -> OwedSighting | None:
    """What the patient is to be told of a verdict; `method` is `qr` or `request`.

    None for a refusal, and where no health number was shown that a provider of ours can know.
    """
    health_id = None if verdict.person is None else verdict.person.health_id
    if verdict.verdict != "accepted" or health_id is None or not _HEALTH_NUMBER.match(health_id):
        return None
    if verdict.assurance == Assurance.PRINTED_CARD:
        method = "printed_card"
    return OwedSighting(health_id=health_id, method=method, checked_at=verdict.checked_at, due_at=verdict.checked_at)


def owe_nothing(verdict: Verdict, method: str) -> None:
    """For a desk without a provider to tell."""


class SightingReporter:
    """Tells the provider that the settings name."""

    def __init__(self, settings: VerifierSettings, *, http: HttpClient, database: Database, clock: Clock) -> None:
        self._url = settings.backend_url
        self._token = settings.backend_token or SecretStr("")
        self._facility_did = settings.facility_did
        self._http = http
        self._database = database
        self._clock = clock

    @property
    def owing(self) -> Owing:
        """What checks are to leave behind."""
        return owe_nothing if self._url is None else owe_sighting

    async def run(self) -> None:
        """Tells what is due, one after the other; stops at the first that is not heard."""
        if self._url is None:
            return
        now = self._clock()
        due = await self._database.write(
            lambda connection: SightingRepository(connection).load_due(now=now, limit=_AT_ONCE)
        )
        for owed in due:
            if await self._tell(owed):
                await self._forget(owed.id)
            elif now >= owed.checked_at + KEEP_TRYING_SECONDS:
                _log.error("a sighting could not be told for a week, and is given up")
                await self._forget(owed.id)
            else:
                await self._put_off(owed.id, until=now + _pause(owed.attempts))
                return

    async def _tell(self, owed: OwedSighting) -> bool:
        """Whether the provider needs no further telling. No line of the log says whose card it was."""
        report = {
            "health_id": owed.health_id,
            "facility_did": self._facility_did,
            "method": owed.method,
            "checked_at": owed.checked_at,
        }
        try:
            answer = await self._http.post_json(
                f"{self._url}/sightings",
                report,
                token=self._token.get_secret_value(),
                headers={"Idempotency-Key": owed.id},
            )
        except FetchError as error:
            _log.warning("the wallet's provider is not reached", extra={"error": type(error).__name__})
            return False
        if answer.status in _NEVER_TAKEN:
            _log.error("the wallet's provider refused a sighting", extra={"status": answer.status})
            return True
        if answer.status != 201:
            _log.warning("the wallet's provider took no sighting", extra={"status": answer.status})
        return answer.status == 201

    async def _forget(self, sighting_id: str) -> None:
        await self._database.write(lambda connection: SightingRepository(connection).delete(sighting_id))

    async def _put_off(self, sighting_id: str, *, until: int) -> None:
        await self._database.write(lambda connection: SightingRepository(connection).put_off(sighting_id, until=until))


def _pause(attempts: int) -> int:
    """Seconds until the next attempt, doubled each time up to an hour."""
    return min(FIRST_RETRY_SECONDS << min(attempts, 16), LONGEST_RETRY_SECONDS)
