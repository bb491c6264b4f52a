"""Challenges: made for a desk's screen, and matched with what a phone answers.

Each has a nonce and a key pair of its own, and is good for three minutes. Any process of the service may have to open
the answer, so the private key is in the database, sealed as those of requests are. A challenge is answered once: the
first good answer goes into the journal under the challenge's name, where a second finds it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from vc_core.clock import Clock
from vc_core.crypto.jwe import EncryptionKey
from vc_core.encoding import base64url_encode
from vc_core.errors import Conflict, ReasonCode, Rejection
from vc_core.formats.credential import UnverifiedPresentation
from vc_core.formats.desk_challenge import (
    NONCE_LENGTH,
    DeskChallenge,
    can_sign_challenges,
    create_challenge,
    parse_answer,
)
from vc_core.protocols.openid4vp.client_id import ClientIdPrefix
from vc_core.trust import TrustSource
from vc_core.web.database import Database
from verifier.challenges.models import IssuedChallenge
from verifier.challenges.repository import ChallengeRepository
from verifier.challenges.schemas import CreatedChallenge
from verifier.checks.repository import UsedPresentation
from verifier.requests.keys import RequestKeys
from verifier.requests.secrets import KeySeal, create_secret
from verifier.settings import VerifierSettings

LIFETIME_SECONDS = 180
"""How long a challenge may be answered: a patient finds their phone, unlocks it, scans, agrees, shows the answer."""
KEEP_SECONDS = 12 * 3600
"""How long a challenge is known after its time, so that a late answer is told apart from another desk's: a shift."""
_USED_LABEL = b"sabai answered challenge"


@dataclass(frozen=True)
class OpenedAnswer:
    """What an answer to a challenge of ours holds, not verified yet, and what it has to say to be good.

    `used` is what the journal keeps in the challenge's name.
    """

    presentation: UnverifiedPresentation
    audience: str
    nonce: str
    used: UsedPresentation


class AnswerOpener:
    """Opens answers as of `now`. Each challenge is looked up once, however many of them name it."""

    def __init__(self, database: Database, seal: KeySeal, now: int) -> None:
        self._database = database
        self._seal = seal
        self._now = now
        self._found: dict[bytes, tuple[IssuedChallenge, EncryptionKey] | None] = {}

    async def open(self, text: str) -> OpenedAnswer:
        """What is in an answer. Raises `Rejection`: `MALFORMED`, `TOO_LARGE`; `WRONG_AUDIENCE` where it is to no
        challenge of ours, or can't be opened with its key; `EXPIRED_PRESENTATION`.
        """
        answer = parse_answer(text)
        if answer.key_id not in self._found:
            self._found[answer.key_id] = await self._look_up(answer.key_id)
        found = self._found[answer.key_id]
        if found is None:
            raise Rejection(ReasonCode.WRONG_AUDIENCE, "This answers no question of this desk.")
        row, key = found
        if self._now >= row.expires_at:
            raise Rejection(ReasonCode.EXPIRED_PRESENTATION, "The desk's question was over before this answer came.")
        digest = hashlib.sha256(_USED_LABEL + row.key_id.encode("ascii")).digest()
        return OpenedAnswer(answer.open(key), row.audience, row.nonce, UsedPresentation(digest, row.expires_at))

    async def _look_up(self, key_id: bytes) -> tuple[IssuedChallenge, EncryptionKey] | None:
        row = await self._database.write(lambda connection: ChallengeRepository(connection).load_by_key(key_id.hex()))
        key = None if row is None else self._seal.open(row.sealed_key)
        return None if row is None or key is None else (row, key)


class ChallengeService:
    """Makes challenges, and what opens the answers."""

    def __init__(
        self,
        *,
        settings: VerifierSettings,
        keys: RequestKeys,
        trust: TrustSource,
        seal: KeySeal,
        database: Database,
        clock: Clock,
        randomness: Callable[[int], bytes],
    ) -> None:
        self._did = settings.facility_did
        self._method = settings.requests_verification_method
        self._keys = keys
        self._trust = trust
        self._seal = seal
        self._database = database
        self._clock = clock
        self._randomness = randomness

    async def create(self) -> CreatedChallenge:
        """A new challenge, signed by the desk's key for requests where the registry has it."""
        now, key = self._clock(), EncryptionKey.generate()
        challenge = DeskChallenge(
            self._did, base64url_encode(self._randomness(NONCE_LENGTH)), key.public_key, now + LIFETIME_SECONDS
        )
        method, signer = (self._method, self._keys.signer) if self._may_sign(now) else (None, None)
        text = await asyncio.to_thread(  # the key may be in a token or a service
            create_challenge, challenge, verification_method=method, signer=signer
        )
        row = IssuedChallenge(
            id=create_secret(self._randomness),
            key_id=challenge.key_id.hex(),
            audience=challenge.audience,
            nonce=challenge.nonce,
            sealed_key=self._seal.seal(key),
            expires_at=challenge.expires_at,
        )
        await self._database.write(lambda connection: ChallengeRepository(connection).save(row))
        return CreatedChallenge(id=row.id, qr=text, expires_at=row.expires_at)

    def _may_sign(self, now: int) -> bool:
        """A signature that wallets can't check would only make them refuse."""
        if not can_sign_challenges(self._method):
            return False
        try:
            self._keys.check(ClientIdPrefix.DECENTRALIZED_IDENTIFIER, self._trust, now=now)
        except Conflict:
            return False
        return True

    def opener(self, *, now: int) -> AnswerOpener:
        """For the answers that one scan may have been."""
        return AnswerOpener(self._database, self._seal, now)

    async def forget_old(self) -> None:
        """Deletes the challenges of an earlier shift."""
        before = self._clock() - KEEP_SECONDS
        await self._database.write(lambda connection: ChallengeRepository(connection).delete_old(expired_before=before))
