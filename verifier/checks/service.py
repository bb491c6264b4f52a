"""A check: the examination of what a scanner read, by this desk's policy, and its line in the journal."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from vc_core.clock import Clock
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.errors import Rejection
from vc_core.verification import Policy
from vc_core.web.database import Database
from verifier.checks.examination import Examiner
from verifier.checks.images import read_qr_image
from verifier.checks.journal import Entry, Journal
from verifier.checks.repository import CheckRepository
from verifier.checks.schemas import Verdict
from verifier.settings import VerifierSettings

KEEP_SEEN_SECONDS = 24 * 3600
"""How long a used presentation is remembered after its time: a clock set back by less than this revives nothing."""
_DECODING_AT_ONCE = 2


def create_policy(settings: VerifierSettings) -> Policy:
    """What this desk asks for: any of our credential types, meant for it, and coverage at its hospital."""
    return Policy(
        accepted_types=frozenset(CREDENTIAL_TYPES),
        audiences=frozenset({settings.facility_did, settings.public_url}),
        hospital_code=settings.hospital_code,
    )


async def delete_seen(database: Database, *, now: int) -> int:
    """Forgets the presentations whose time is long past at `now`; returns how many."""
    return await database.write(
        lambda connection: CheckRepository(connection).delete_seen(before=now - KEEP_SEEN_SECONDS)
    )


class CheckService:
    """Answers checks. A refused presentation is an answer, never an error."""

    def __init__(self, examiner: Examiner, *, settings: VerifierSettings, database: Database, clock: Clock) -> None:
        self._examiner = examiner
        self._policy = create_policy(settings)
        self._journal = Journal(database)
        self._clock = clock
        self._decoding = asyncio.Semaphore(_DECODING_AT_ONCE)

    async def check_text(self, text: str, *, staff_id: str | None = None) -> Verdict:
        """The verdict on what a scanner read; `staff_id` is the member who is signed in, for the audit log."""
        return await self._check(text, staff_id)

    async def check_image(self, image: bytes, *, staff_id: str | None = None) -> Verdict:
        """The verdict on the QR code in a PNG or JPEG; `staff_id` as above."""
        try:
            async with self._decoding:
                text = await asyncio.to_thread(read_qr_image, image)
        except Rejection as rejection:
            return await self._check(rejection, staff_id)
        return await self._check(text, staff_id)

    async def _check(self, presented: str | Rejection, staff_id: str | None) -> Verdict:
        """One verdict and its audit record, from a text or from why there is none.

        The journal comes last, so nothing is locked while a status list is fetched. It has the last word as well:
        what the procedure found counts only if the presentation was not used before, and once that is on disk.
        """
        examined = await self._examiner.examine(presented, policy=self._policy, now=self._clock())
        record = replace(examined.record, staff_id=staff_id)
        if not await self._journal.write(Entry(record, examined.used)):
            return examined.as_replayed().verdict
        return examined.verdict

    async def stop(self) -> None:
        """Returns when the checks under way are on disk."""
        await self._journal.stop()
