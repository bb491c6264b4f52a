"""Registering a device: its wallet shows the health ID, freshly and to us, and from then on it is the patient's.

A device token is a bearer token of 32 random bytes, kept only as its hash. There is no account and no password: who
holds the health ID's key can register a device, and nobody else.

A challenge is known again by its MAC (`vc_core.web.challenges`) and written down only once it registered a device, in
the same transaction: whoever has no health ID writes nothing here, however often they ask.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.access import hash_device_token
from backend.devices.models import Device
from backend.devices.push_address import PushAddress, PushHosts, WebPushSubscription
from backend.devices.repository import DeviceRepository
from backend.devices.schemas import Challenge, DeviceRegistration, PushChoice, RegisteredDevice
from backend.notifications.models import Template
from backend.notifications.repository import NotificationRepository
from backend.notifications.service import announce
from vc_core.clock import Clock
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.encoding import EncodingError, base64url_decode, base64url_encode
from vc_core.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
    ReasonCode,
    Rejection,
    TooManyRequests,
    Unauthenticated,
)
from vc_core.formats.credential import CredentialFormat
from vc_core.formats.presentation import parse_presentation
from vc_core.status import StatusSource
from vc_core.trust import TrustSource
from vc_core.verification import Policy, verify_presentation
from vc_core.web.challenges import LIFETIME_SECONDS, Challenges, VerifiedChallenge
from vc_core.web.database import Database

_PURPOSE = "device registration"
MAX_DEVICES = 10
REGISTRATIONS_AN_HOUR = 20
"""How many devices may be registered for one health ID within an hour: each is a message, and a push to all others."""
_HOUR = 3_600
KEEP_LAPSED_SECONDS = 24 * 3600
"""How long a challenge or a presentation that has lapsed is remembered: a clock set back by less revives nothing."""


class DeviceService:
    """What wallets do about their devices. `public_url` is the audience that they must present to.

    `push_hosts` are those that Web Push addresses may be of. `wake` is called when there are pushes to send.
    """

    def __init__(
        self,
        *,
        database: Database,
        trust: TrustSource,
        statuses: StatusSource,
        public_url: str,
        push_hosts: PushHosts,
        wake: Callable[[], None],
        clock: Clock,
        randomness: Callable[[int], bytes],
    ) -> None:
        self._database = database
        self._trust = trust
        self._statuses = statuses
        self._public_url = public_url
        self._push_hosts = push_hosts
        self._wake = wake
        self._clock = clock
        self._randomness = randomness
        self._known_challenges: Challenges | None = None

    async def create_challenge(self) -> Challenge:
        """A fresh nonce, for one registration within `LIFETIME_SECONDS`; nothing of it is kept."""
        now = self._clock()
        nonce = base64url_encode((await self._challenges()).create(_PURPOSE, now=now))
        return Challenge(nonce=nonce, audience=self._public_url, expires_at=now + LIFETIME_SECONDS)

    async def _challenges(self) -> Challenges:
        """Of the secret that all processes share by the database, where the first of them put it."""
        if self._known_challenges is None:
            async with self._database.transaction() as session:
                secret = await DeviceRepository(session).challenge_secret(self._randomness(32))
            self._known_challenges = Challenges(secret, self._randomness)
        return self._known_challenges

    async def register(self, registration: DeviceRegistration) -> RegisteredDevice:
        """Registers the device for the patient whose health ID it presents.

        Raises `Rejection` as `verify_presentation` does, and `WRONG_AUDIENCE` where this answers no challenge of ours
        that still waits; `Conflict` where two patients register one push address at the same moment;
        `TooManyRequests`, which leaves challenge and presentation good; `InvalidRequest` where nothing is pushed to the
        address's host.

        The session takes a connection only at its first statement, which is the replay guard's: nothing is locked while
        a status list is fetched. What the guard notes, the challenge and the device are committed together.
        """
        now = self._clock()
        self._check_host(registration.push_address())
        nonce, challenge = await self._expected_nonce(registration.presentation, now)
        policy = Policy(
            accepted_types=frozenset({HEALTH_ID.vct}),
            audiences=frozenset({self._public_url}),
            expected_nonce=nonce,
        )
        try:
            async with self._database.transaction() as session:
                repository = DeviceRepository(session)
                verified = await verify_presentation(
                    registration.presentation,
                    policy=policy,
                    trust=self._trust,
                    statuses=self._statuses,
                    replays=repository,
                    now=now,
                )
                if not await repository.use_challenge(challenge.digest, expires_at=challenge.expires_at):
                    raise _not_an_answer()
                health_id: str = verified.credential.claims["health_id"]
                # A message that is being written now either finds this device, or is there when it first reads.
                await NotificationRepository(session).lock_inbox(health_id)
                await self._check_registrations(session, health_id, now)
                registered = await self._add_device(repository, health_id, registration, now)
                new_id = registered.device_id
                # The others are told: whose health ID it is hears of a device that is not theirs.
                await announce(
                    session, health_id, Template.DEVICE_REGISTERED, {"device_id": new_id}, now=now, but=new_id
                )
                await repository.delete_lapsed(before=now - KEEP_LAPSED_SECONDS)
        except IntegrityError as cause:
            raise Conflict("This device is being registered by somebody else at this moment.") from cause
        self._wake()
        return registered

    async def _check_registrations(self, session: AsyncSession, health_id: str, now: int) -> None:
        """Each registration is a message in the inbox, which is locked: those at the same moment are counted too."""
        registered = await NotificationRepository(session).count_messages(
            health_id, Template.DEVICE_REGISTERED, since=now - _HOUR
        )
        if registered >= REGISTRATIONS_AN_HOUR:
            raise TooManyRequests("Too many devices were registered for this health ID.", retry_after=_HOUR)

    def _check_host(self, address: PushAddress | None) -> None:
        if isinstance(address, WebPushSubscription) and not self._push_hosts.has(address.endpoint):
            raise InvalidRequest("Nothing is pushed to this host.")

    async def _expected_nonce(self, presentation: str, now: int) -> tuple[str, VerifiedChallenge]:
        """The nonce in the presentation, which must be an SD-JWT made for us, and the challenge of ours that it is.

        Only then did the holder mean this service: a QR pass may lack the audience, and would answer our challenge even
        if it was shown to somebody else who passed our challenge on.
        """
        parsed = parse_presentation(presentation)
        if parsed.credential.format is not CredentialFormat.SD_JWT:
            raise Rejection(
                ReasonCode.NOT_A_CREDENTIAL, "A device is registered with the health ID, not with a QR pass."
            )
        if parsed.audience != self._public_url or parsed.nonce is None:
            raise Rejection(ReasonCode.WRONG_AUDIENCE, "This was not made for this service.")
        try:
            challenge = base64url_decode(parsed.nonce)
            return parsed.nonce, (await self._challenges()).verify(challenge, _PURPOSE, now=now)
        except (EncodingError, Unauthenticated) as cause:
            raise _not_an_answer() from cause

    async def _add_device(
        self, repository: DeviceRepository, health_id: str, registration: DeviceRegistration, now: int
    ) -> RegisteredDevice:
        device_token = base64url_encode(self._randomness(32))
        device = Device(
            health_id=health_id,
            token_hash=hash_device_token(device_token),
            language=registration.language,
            registered_at=now,
        )
        address = registration.push_address()
        if address is not None:
            device.push_address, device.web_push_keys = address.to_columns()
            await repository.delete_former(address, health_id)
            await repository.free_push_address(address)
        await repository.delete_oldest(health_id, keep=MAX_DEVICES - 1)
        await repository.add(device)
        return RegisteredDevice(device_id=device.id, device_token=device_token)

    async def choose_push(self, device_id: str, choice: PushChoice, caller: Device) -> None:
        """Sets where the calling device is reached; who had the address before keeps their inbox.

        Raises `NotFound` where `device_id` is another's, `Conflict` where two patients give one address at once,
        `InvalidRequest` where nothing is pushed to the address's host.
        """
        if device_id != caller.id:
            raise NotFound("There is no such device.")
        address = None if choice.push is None else choice.push.address()
        self._check_host(address)
        try:
            async with self._database.transaction() as session:
                repository = DeviceRepository(session)
                if address is not None:
                    await repository.free_push_address(address)
                await repository.set_push_address(device_id, address)
        except IntegrityError as cause:
            raise Conflict("This address is being given by somebody else at this moment.") from cause

    async def delete(self, device_id: str, caller: Device) -> None:
        """Logs the calling device out. Raises `NotFound` where `device_id` is another's."""
        if device_id != caller.id:
            raise NotFound("There is no such device.")
        async with self._database.transaction() as session:
            await DeviceRepository(session).delete(device_id)


def _not_an_answer() -> Rejection:
    return Rejection(ReasonCode.WRONG_AUDIENCE, "This does not answer an open question of this service.")
