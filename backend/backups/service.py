"""Keeping wallets' backups, and giving them back to who has the recovery code.

A phone derives three things from a code of 110 random bits that never leaves it: the backup's address, the secret that
goes with it, and the key that seals. Who has not both address and secret learns nothing here, not even whether there
is such a backup. Guessing is hopeless by the code's length, not by counters: restoring a database resets nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from backend.backups.repository import BackupRepository
from backend.backups.schemas import NewBackup, StoredBackup
from vc_core.clock import Clock
from vc_core.encoding import EncodingError, base64url_decode, base64url_encode
from vc_core.errors import Conflict, InvalidRequest, NotFound, TooManyRequests
from vc_core.web.database import Database

WRITES_A_DAY = 200
"""How often one backup may be replaced a day; a phone does so after each change."""
NEW_AN_HOUR = 1_000
"""How many backups may begin an hour, of all phones together: what strangers can fill the disk with is bounded."""
_DAY, _HOUR = 86_400, 3_600


@dataclass(frozen=True)
class BackupOwner:
    """Who asks: the address and the secret as they were sent, both in base64url."""

    address: str
    secret: str


class BackupService:
    """What phones do about their backups."""

    def __init__(
        self, *, database: Database, clock: Clock, writes_a_day: int = WRITES_A_DAY, new_an_hour: int = NEW_AN_HOUR
    ) -> None:
        self._database = database
        self._clock = clock
        self._writes_a_day = writes_a_day
        self._new_an_hour = new_an_hour

    async def load(self, owner: BackupOwner) -> StoredBackup:
        """The newest backup. Raises `NotFound`, also where the secret is another."""
        async with self._repository(owner) as repository:
            backup = await repository.load()
        if backup is None:
            raise NotFound("There is no such backup, or this is not its secret.")
        return StoredBackup(version=backup.version, ciphertext=base64url_encode(backup.ciphertext))

    async def save(self, owner: BackupOwner, new: NewBackup) -> None:
        """Keeps a backup in place of the older one.

        Raises `Conflict` where there is this version or a newer one, or another's secret; `TooManyRequests`;
        `InvalidRequest`.
        """
        now = self._clock()
        today = now // _DAY
        try:
            ciphertext = base64url_decode(new.ciphertext)
        except EncodingError as cause:
            raise InvalidRequest("The ciphertext is not base64url.") from cause
        async with self._repository(owner) as repository:
            if await repository.replace(
                version=new.version, ciphertext=ciphertext, today=today, writes_a_day=self._writes_a_day
            ):
                return
            known = await repository.load()
            if known is not None and known.version < new.version:
                raise TooManyRequests("This backup was replaced often enough today.", retry_after=_DAY - now % _DAY)
            if known is None and await repository.count_since(now - _HOUR) >= self._new_an_hour:
                raise TooManyRequests("Too many backups were begun within an hour.", retry_after=_HOUR)
            if known is not None or not await repository.add(
                version=new.version, ciphertext=ciphertext, now=now, today=today
            ):
                raise Conflict("There is a backup of this version or a newer one, or this is not its secret.")

    async def delete(self, owner: BackupOwner) -> None:
        """Deletes the backup. Raises `NotFound`, also where the secret is another."""
        async with self._repository(owner) as repository:
            if not await repository.delete():
                raise NotFound("There is no such backup, or this is not its secret.")

    @asynccontextmanager
    async def _repository(self, owner: BackupOwner) -> AsyncIterator[BackupRepository]:
        async with self._database.transaction() as session:
            yield BackupRepository(session, address_hash=_hash(owner.address), secret_hash=_hash(owner.secret))


def _hash(sent: str) -> bytes:
    """How it is kept: it has 32 bytes of a random code's, so a plain hash suffices."""
    return hashlib.sha256(sent.encode("utf-8")).digest()
