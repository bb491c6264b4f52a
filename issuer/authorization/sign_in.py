"""Who sits at the authorization page: a number and a day of birth of the roster, and a one-time code.

The code is what proves it: an officer gave it at the counter, or an SMS brought it. Whoever knows nothing, and whoever
knows a stranger's number and birthday, get the same answers as a patient who mistyped: the page says nothing of who is
in the roster. A code has five attempts, and a request ten.
"""

from __future__ import annotations

import datetime
import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.access import Principal
from issuer.audit.repository import AuditRepository
from issuer.authorization.models import SignInCode
from issuer.authorization.request_repository import AuthorizationRequestRepository
from issuer.authorization.sign_in_repository import SignInRepository
from issuer.authorization.sms import SmsSender
from issuer.issuance.models import Offer
from issuer.issuance.secrets import create_tx_code, hash_of
from issuer.roster.models import Person
from issuer.roster.repository import PersonRepository
from vc_core.clock import Clock
from vc_core.errors import InvalidRequest, NotFound, ProtocolError
from vc_core.web.database import Database

CODE_LENGTH = 8
OFFICE_LIFETIME = 24 * 3600
"""Seconds for which a code that an officer gave holds."""
SMS_LIFETIME = 10 * 60
"""Seconds for which a code that an SMS brought holds."""
SMS_PAUSE = 2 * 60
"""Seconds between two messages to one person, whoever asks for them."""
OFFICE, SMS = "office", "sms"
_BUDDHIST_ERA, _FIRST_BUDDHIST_YEAR = 543, 2400
_CODE_LABEL = b"sabai sign-in code"
_log = logging.getLogger(__name__)


class TooManyAttempts(ProtocolError):
    """The request has no attempts left; its code is `access_denied`."""


@dataclass(frozen=True)
class Claimed:
    """Who somebody says to be: a number as the roster has it, and a day of birth as `YYYY-MM-DD`."""

    identifier: str
    birth_date: str


@dataclass(frozen=True)
class NewCode:
    """A one-time code, for the patient's eyes; `expires_at` in seconds since 1970."""

    code: str
    expires_at: int


def parse_claimed(identifier: str, day: str, month: str, year: str) -> Claimed:
    """What was typed, made into the roster's forms; a year of the Buddhist era is turned into one of the common era.

    Nothing is refused here: what is no number or no date is nobody's.
    """
    number = "".join(character for character in identifier if character.isalnum()).upper()[:20]
    try:
        gregorian = int(year) - (_BUDDHIST_ERA if int(year) >= _FIRST_BUDDHIST_YEAR else 0)
        birth_date = datetime.date(gregorian, int(month), int(day)).isoformat()
    except (ValueError, OverflowError):
        birth_date = ""
    return Claimed(number, birth_date)


class SignInService:
    """Signing in at the authorization page. `secret` keys what the database keeps of codes."""

    def __init__(
        self,
        database: Database,
        sms: SmsSender | None,
        secret: bytes,
        clock: Clock,
        randomness: Callable[[int], bytes],
    ) -> None:
        self._database = database
        self._sms = sms
        self._key = hmac.digest(secret, _CODE_LABEL, "sha256")
        self._clock = clock
        self._randomness = randomness

    @property
    def sends_sms(self) -> bool:
        """Whether patients can have a code sent."""
        return self._sms is not None

    async def create_code(self, person_id: str, by: Principal) -> NewCode:
        """A code for an officer to give to this person; the one before is void. Raises `NotFound`."""
        code, now = self._new_code(), self._clock()

        async def save(session: AsyncSession) -> None:
            if await PersonRepository(session).load(person_id) is None:
                raise NotFound("There is no such person in the roster.")
            row = self._row(person_id, OFFICE, code, now, OFFICE_LIFETIME)
            await SignInRepository(session).replace(row, unless_since=now)
            await AuditRepository(session).append(by.id, "sign_in_code", person_id, "done", now=now)

        await self._database.transact(save)
        return NewCode(code, now + OFFICE_LIFETIME)

    async def send_code(self, session_secret: str, claimed: Claimed, text: str) -> None:
        """Sends a code where a person has this number and birthday and a telephone, and none was sent just now.

        Says nothing of whether it did. `text` has `{code}` in it. Raises `TooManyAttempts`.
        """
        code, now = self._new_code(), self._clock()
        await self._count(session_secret, now)

        async def save(session: AsyncSession) -> Person | None:
            people = await SignInRepository(session).find_people(claimed.identifier, claimed.birth_date)
            if len(people) != 1 or not people[0].phone or self._sms is None:
                return None
            row = self._row(people[0].id, SMS, code, now, SMS_LIFETIME)
            saved = await SignInRepository(session).replace(row, unless_since=now - SMS_PAUSE)
            return people[0] if saved else None

        person = await self._database.transact(save)
        if person is not None and self._sms is not None:
            try:
                await self._sms.send(person.phone, text.format(code=code))
            except OSError as cause:  # the answer is the same, or it would tell that there is such a person
                _log.warning("an SMS was not sent", extra={"error": type(cause).__name__})

    async def check_can_send(self, person_id: str) -> None:
        """Returns when this person can get an SMS. Raises `NotFound`, `InvalidRequest`."""
        if self._sms is None:
            raise InvalidRequest("No SMS service is set up; hand the code over in person.")
        async with self._database.transaction() as session:
            person = await PersonRepository(session).load(person_id)
        if person is None:
            raise NotFound("There is no such person in the roster.")
        if not person.phone:
            raise InvalidRequest("The roster has no telephone number of this person; hand the code over in person.")

    async def send_tx_code(self, person: Person, tx_code: str) -> None:
        """Sends an offer's transaction code; see `check_can_send`. Raises `InvalidRequest` where that fails."""
        try:
            if self._sms is not None:
                await self._sms.send(person.phone, f"Sabai {tx_code}")
        except OSError as cause:
            raise InvalidRequest("The SMS could not be sent; hand the code over in person.") from cause

    async def sign_in(self, session_secret: str, claimed: Claimed, code: str) -> bool:
        """Whether the person at the page is now known. Raises `TooManyAttempts`.

        An attempt at the request is counted first, then one at each code of whoever has the number and birthday.
        """
        now = self._clock()
        await self._count(session_secret, now)
        mac = self._mac("".join(character for character in code if character.isdigit()))
        async with self._database.transaction() as session:
            repository = SignInRepository(session)
            people = await repository.find_people(claimed.identifier, claimed.birth_date)
            codes = await repository.begin_attempt([person.id for person in people], now=now)
            # No error before the transaction's end: it would undo the count.
            for each in codes:
                right = hmac.compare_digest(mac, each.code_mac)
                if right and await self._may_use(session, session_secret, each) and await repository.use(each, now=now):
                    requests = AuthorizationRequestRepository(session)
                    await requests.set_person(hash_of(session_secret), each.person_id)
                    return True
        return False

    async def forget_expired(self) -> None:
        """Forgets the codes that are over."""
        async with self._database.transaction() as session:
            await SignInRepository(session).forget(now=self._clock())

    async def _count(self, session_secret: str, now: int) -> None:
        async with self._database.transaction() as session:
            heard = await AuthorizationRequestRepository(session).begin_attempt(hash_of(session_secret), now=now)
        if not heard:
            raise TooManyAttempts("access_denied", "There were too many attempts, or the time is over.")

    async def _may_use(self, session: AsyncSession, session_secret: str, code: SignInCode) -> bool:
        """Whether this person may go on with the request: one that began with an offer is for whom it was made."""
        row = await AuthorizationRequestRepository(session).load_open(hash_of(session_secret), now=self._clock())
        offer = None if row is None or row.offer_id is None else await session.get(Offer, row.offer_id)
        return row is not None and (offer is None or offer.person_id == code.person_id)

    def _new_code(self) -> str:
        return create_tx_code(self._randomness, length=CODE_LENGTH)

    def _row(self, person_id: str, channel: str, code: str, now: int, lifetime: int) -> SignInCode:
        return SignInCode(
            person_id=person_id, channel=channel, code_mac=self._mac(code), created_at=now, expires_at=now + lifetime
        )

    def _mac(self, code: str) -> str:
        return hmac.digest(self._key, code.encode("utf-8"), "sha256").hex()
