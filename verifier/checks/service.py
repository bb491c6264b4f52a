"""A check: the examination of what a scanner read, by this desk's policy, and its line in the journal."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sqlalchemy import Connection

from vc_core.clock import Clock
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.desk_challenge import ANSWER_PREFIX, is_answer
from vc_core.formats.printed_card import CARD_PREFIX
from vc_core.formats.qr_pass import PREFIX
from vc_core.verification import Policy
from vc_core.web.database import Database
from verifier.challenges.service import LIFETIME_SECONDS, ChallengeService
from verifier.checks.examination import Examined, Examiner
from verifier.checks.images import read_qr_image
from verifier.checks.journal import Entry, Journal
from verifier.checks.pins import SaidPin, day_of
from verifier.checks.repository import CheckRepository
from verifier.checks.schemas import Verdict
from verifier.checks.wedge import recover_typed
from verifier.settings import VerifierSettings
from verifier.sightings.service import Owing

KEEP_SEEN_SECONDS = 24 * 3600
"""How long a used presentation is remembered after its time: a clock set back by less than this revives nothing."""
_DECODING_AT_ONCE = 2
_HASHING_AT_ONCE = 2
_PREFIXES = (PREFIX, CARD_PREFIX, ANSWER_PREFIX)
"""How the codes begin that patients show."""
_UNDECIDED = frozenset(
    {
        ReasonCode.NOT_A_CREDENTIAL,
        ReasonCode.MALFORMED,
        ReasonCode.UNKNOWN_ISSUER,
        ReasonCode.UNTRUSTED_ISSUER,
        ReasonCode.BAD_SIGNATURE,
        ReasonCode.HOLDER_KEY,
        ReasonCode.WRONG_AUDIENCE,
    }
)
"""What a wrong guess at a garbled text comes to: no signature has vouched for it, or none was reached."""
_GARBLED = Rejection(ReasonCode.MALFORMED, "The keyboard layout garbled this code; scan it again, or use the camera.")


def create_policy(settings: VerifierSettings) -> Policy:
    """What this desk asks for: any of our credential types, meant for it, and coverage at its hospital."""
    return Policy(
        accepted_types=frozenset(CREDENTIAL_TYPES),
        audiences=frozenset({settings.facility_did, settings.public_url}),
        hospital_code=settings.hospital_code,
        printed_cards=settings.printed_cards,
    )


async def delete_seen(database: Database, *, now: int) -> int:
    """Forgets the presentations whose time is long past at `now`, and earlier days' PINs; returns how many of these."""

    def delete(connection: Connection) -> int:
        repository = CheckRepository(connection)
        repository.delete_tries(before=day_of(now - KEEP_SEEN_SECONDS))
        return repository.delete_seen(before=now - KEEP_SEEN_SECONDS)

    return await database.write(delete)


class CheckService:
    """Answers checks. A refused presentation is an answer, never an error."""

    def __init__(
        self,
        examiner: Examiner,
        challenges: ChallengeService,
        *,
        settings: VerifierSettings,
        owing: Owing,
        database: Database,
        clock: Clock,
    ) -> None:
        """`owing` says what the patient is told of a verdict."""
        self._examiner = examiner
        self._challenges = challenges
        self._policy = create_policy(settings)
        self._owing = owing
        self._database = database
        self._journal = Journal(database)
        self._clock = clock
        self._decoding = asyncio.Semaphore(_DECODING_AT_ONCE)
        self._hashing = asyncio.Semaphore(_HASHING_AT_ONCE)

    async def check_text(self, text: str, *, pin: str | None = None, staff_id: str | None = None) -> Verdict:
        """The verdict on what a scanner read.

        `pin` is what was said of a printed card, six digits; `staff_id` the member who is signed in, for the audit log.
        """
        return await self._record(await self._examine(text, pin), staff_id)

    async def check_image(self, image: bytes, *, staff_id: str | None = None) -> Verdict:
        """The verdict on the QR code in a PNG or JPEG; `staff_id` as above."""
        presented: str | Rejection
        try:
            async with self._decoding:
                presented = await asyncio.to_thread(read_qr_image, image)
        except Rejection as rejection:
            presented = rejection
        return await self._record(await self._examine(presented, None), staff_id)

    async def _examine(self, presented: str | Rejection, pin: str | None) -> Examined:
        """What a text comes to, or what the scanner typed before the keyboard layout garbled it."""
        if isinstance(presented, Rejection) or presented.lstrip().startswith(_PREFIXES):
            return await self._examine_as_it_is(presented, pin)
        guesses = 0
        for guess in recover_typed(presented, _PREFIXES):
            examined = await self._examine_as_it_is(guess, pin)
            if examined.verdict.code not in _UNDECIDED:
                return examined
            guesses += 1
            await asyncio.sleep(0)  # others get their turn
        if guesses == 1:
            return examined
        return await self._examine_as_it_is(_GARBLED if guesses else presented, pin)

    async def _examine_as_it_is(self, presented: str | Rejection, pin: str | None) -> Examined:
        now = self._clock()
        if isinstance(presented, str) and is_answer(presented):
            return await self._examine_answer(presented, now)
        pins = None if pin is None else SaidPin(pin, self._database, self._hashing, now)
        return await self._examiner.examine(presented, policy=self._policy, now=now, pins=pins)

    async def _examine_answer(self, text: str, now: int) -> Examined:
        """What an answer to a challenge of this desk comes to; what is used by it is the challenge."""
        try:
            opened = await self._challenges.open(text, now=now)
        except Rejection as rejection:
            return await self._examiner.examine(rejection, policy=self._policy, now=now)
        policy = replace(
            self._policy,
            audiences=frozenset({opened.audience}),
            audience_needed=True,
            expected_nonce=opened.nonce,
            presentation_lifetime=LIFETIME_SECONDS,
        )
        examined = await self._examiner.examine(opened.presentation, policy=policy, now=now)
        return examined if examined.used is None else replace(examined, used=opened.used)

    async def _record(self, examined: Examined, staff_id: str | None) -> Verdict:
        """One verdict and its audit record.

        The journal comes last, so nothing is locked while a status list is fetched. It has the last word as well:
        what the procedure found counts only if the presentation was not used before, and once that is on disk.
        """
        record = replace(examined.record, staff_id=staff_id)
        if not await self._journal.write(Entry(record, examined.used, self._owing(examined.verdict, "qr"))):
            return examined.as_replayed().verdict
        return examined.verdict

    async def stop(self) -> None:
        """Returns when the checks under way are on disk."""
        await self._journal.stop()
