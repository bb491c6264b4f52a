"""The PIN that somebody says at the desk of a printed card: each wrong one is counted, five a day.

It is counted before it is tried, and given back where it was right: so no number of desks that try at once gets more
than five. A right one said by more than five desks in the same third of a second may be refused with them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import PrintedCard
from vc_core.formats.printed_card import verify_pin
from vc_core.web.database import Database
from verifier.checks.repository import CheckRepository

MAX_WRONG_PINS = 5
"""Of one card, at this verifier, in one day."""
_DAY = 86_400
_THAILAND = 7 * 3600


def day_of(now: int) -> int:
    """The day in Thailand, in days since 1970, of a time in seconds since 1970."""
    return (now + _THAILAND) // _DAY


@dataclass(frozen=True)
class SaidPin:
    """A `PinCheck` for the six digits that were said now. `hashing` bounds how many are tried at once."""

    pin: str
    database: Database
    hashing: asyncio.Semaphore
    now: int

    async def check(self, card: PrintedCard, digest: bytes) -> None:
        """See `PinCheck`."""
        day = day_of(self.now)
        if not await self.database.write(partial(_take_try, digest=digest, day=day)):
            raise Rejection(ReasonCode.PIN_LOCKED, "Too many wrong PINs for this card today.")
        async with self.hashing:
            await asyncio.to_thread(verify_pin, card, self.pin)
        await self.database.write(partial(_give_back, digest=digest, day=day))


def _take_try(connection: Connection, *, digest: bytes, day: int) -> bool:
    return CheckRepository(connection).take_try(digest, day=day, most=MAX_WRONG_PINS)


def _give_back(connection: Connection, *, digest: bytes, day: int) -> None:
    CheckRepository(connection).give_back_try(digest, day=day)
