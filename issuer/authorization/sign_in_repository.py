"""One-time codes in the database. An attempt is counted before its code is looked at, and a code is good once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.authorization.models import SignInCode
from issuer.roster.models import Person

MAX_CODE_ATTEMPTS = 5


class SignInRepository:
    """One-time codes within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find_people(self, identifier: str, birth_date: str) -> Sequence[Person]:
        """Those with this number, of an ID or of a passport whatever its country, and this day of birth."""
        query = select(Person).where(col(Person.identifier_value) == identifier, col(Person.birth_date) == birth_date)
        return (await self._session.exec(query)).all()

    async def replace(self, code: SignInCode, *, unless_since: int) -> bool:
        """Writes a person's newest code of a channel; False where the one before was made after that time.

        Raises `IntegrityError` where another request was quicker to make the first one.
        """
        key = (col(SignInCode.person_id) == code.person_id, col(SignInCode.channel) == code.channel)
        older = delete(SignInCode).where(*key, col(SignInCode.created_at) <= unless_since)
        await self._session.exec(older.execution_options(synchronize_session=False))
        if (await self._session.exec(select(SignInCode).where(*key))).first() is not None:
            return False
        self._session.add(code)
        await self._session.flush()
        return True

    async def begin_attempt(self, person_ids: Sequence[str], *, now: int) -> Sequence[SignInCode]:
        """The codes of these people that may still be used, one attempt counted for each."""
        usable = (
            col(SignInCode.person_id).in_(person_ids),
            col(SignInCode.used_at).is_(None),
            col(SignInCode.attempts) < MAX_CODE_ATTEMPTS,
            col(SignInCode.expires_at) > now,
        )
        codes = (await self._session.exec(select(SignInCode).where(*usable).with_for_update())).all()
        counting = update(SignInCode).where(*usable).values(attempts=col(SignInCode.attempts) + 1)
        await self._session.exec(counting.execution_options(synchronize_session=False))
        return codes

    async def use(self, code: SignInCode, *, now: int) -> bool:
        """Marks a code as used; False where it was used before, or replaced."""
        statement = (
            update(SignInCode)
            .where(
                col(SignInCode.person_id) == code.person_id,
                col(SignInCode.code_mac) == code.code_mac,
                col(SignInCode.used_at).is_(None),
            )
            .values(used_at=now)
        )
        used = await self._session.exec(statement.execution_options(synchronize_session=False))
        return used.rowcount == 1

    async def forget(self, *, now: int) -> None:
        """Forgets the codes that are over."""
        statement = delete(SignInCode).where(col(SignInCode.expires_at) <= now)
        await self._session.exec(statement.execution_options(synchronize_session=False))
