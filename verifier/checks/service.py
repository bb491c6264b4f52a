"""A check: the examination of what a scanner read, by this desk's policy, and its line in the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from sqlalchemy import Connection

from vc_core.clock import Clock
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.desk_challenge import ANSWER_PREFIX, is_answer
from vc_core.formats.printed_card import CARD_PREFIX
from vc_core.formats.qr_pass import PREFIX
from vc_core.verification import Policy
from vc_core.web.database import Database
from verifier.challenges.service import LIFETIME_SECONDS, AnswerOpener, ChallengeService
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
GUESSING_SECONDS = 2
"""How long one scan's garbled text is puzzled over."""
_DECODING_AT_ONCE = 2
_HASHING_AT_ONCE = 2
CODE_PREFIXES = (PREFIX, CARD_PREFIX, ANSWER_PREFIX)
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


@dataclass(frozen=True)
class _Reading:
    """What goes for all that one scan may have been: when it was, the PIN that was said, and who opens answers."""

    now: int
    pin: SaidPin | None
    answers: AnswerOpener


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
        self._guessing = asyncio.Semaphore(1)

    async def check(
        self, presented: str | Rejection, *, pin: str | None = None, staff_id: str | None = None
    ) -> Verdict:
        """The verdict on what a scanner read, or why nothing was read.

        `pin` is what was said of a printed card, six digits; `staff_id` the member who is signed in, for the audit log.
        """
        now = self._clock()
        reading = _Reading(
            now,
            None if pin is None else SaidPin(pin, self._database, self._hashing, now),
            self._challenges.opener(now=now),
        )
        return await self._record(await self._examine(presented, reading), staff_id)

    async def read_image(self, image: bytes) -> str | Rejection:
        """The text of the QR code in a PNG or JPEG, for `check`."""
        try:
            async with self._decoding:
                return await asyncio.to_thread(read_qr_image, image, preferring=CODE_PREFIXES)
        except Rejection as rejection:
            return rejection

    async def _examine(self, presented: str | Rejection, reading: _Reading) -> Examined:
        """What a text comes to, or what the scanner typed before the keyboard layout garbled it."""
        if isinstance(presented, Rejection) or presented.lstrip().startswith(CODE_PREFIXES):
            return await self._examine_as_it_is(presented, reading)
        guesses = recover_typed(presented, CODE_PREFIXES)
        examined = await self._examine_as_it_is(next(guesses, presented), reading)
        if examined.verdict.code not in _UNDECIDED:
            return examined
        second = next(guesses, None)
        if second is None:
            return examined
        found = await self._guess(chain([second], guesses), reading)
        return found or await self._examine_as_it_is(_GARBLED, reading)

    async def _guess(self, guesses: Iterator[str], reading: _Reading) -> Examined | None:
        """What the first guess comes to that a signature vouches for; None where none was found in time.

        Scans take turns here, and none has more than its seconds, waiting included: thousands of guesses at one are
        work that other checks must not wait for. A guess that has begun ends, since it may be the right one.
        """
        loop = asyncio.get_running_loop()
        ends = loop.time() + GUESSING_SECONDS
        async with self._guessing:
            for guess in guesses:
                if loop.time() >= ends:
                    break
                examined = await self._examine_as_it_is(guess, reading)
                if examined.verdict.code not in _UNDECIDED:
                    return examined
                await asyncio.sleep(0)  # others get their turn
        return None

    async def _examine_as_it_is(self, presented: str | Rejection, reading: _Reading) -> Examined:
        if isinstance(presented, str) and is_answer(presented):
            return await self._examine_answer(presented, reading)
        return await self._examiner.examine(presented, policy=self._policy, now=reading.now, pins=reading.pin)

    async def _examine_answer(self, text: str, reading: _Reading) -> Examined:
        """What an answer to a challenge of this desk comes to; what is used by it is the challenge."""
        try:
            opened = await reading.answers.open(text)
        except Rejection as rejection:
            return await self._examiner.examine(rejection, policy=self._policy, now=reading.now)
        policy = replace(
            self._policy,
            audiences=frozenset({opened.audience}),
            audience_needed=True,
            expected_nonce=opened.nonce,
            presentation_lifetime=LIFETIME_SECONDS,
        )
        examined = await self._examiner.examine(opened.presentation, policy=policy, now=reading.now)
        return examined if examined.used is None else replace(examined, used=opened.used)

    async def _record(self, examined: Examined, staff_id: str | None) -> Verdict:
        """One verdict and its audit record.

        The journal comes last, so nothing is locked while a status list is fetched. It has the last word as well:
        what the procedure found counts only if the presentation was not used before, and once that is on disk.
        """
        record = examined.record if staff_id is None else replace(examined.record, staff_id=staff_id)
        if not await self._journal.write(Entry(record, examined.used, self._owing(examined.verdict, "qr"))):
            return examined.as_replayed().verdict
        return examined.verdict

    async def stop(self) -> None:
        """Returns when the checks under way are on disk."""
        await self._journal.stop()
