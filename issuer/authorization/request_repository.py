"""Authorization requests in the database. Each step is one conditional statement, so that it happens once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.authorization.models import AuthorizationRequestRow as Row

MAX_SIGN_IN_ATTEMPTS = 10


class AuthorizationRequestRepository:
    """Authorization requests within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def save(self, row: Row) -> None:
        """Writes a new request."""
        self._session.add(row)
        await self._session.flush()

    async def open(
        self, request_uri_hash: str, client_id: str, *, session_hash: str, expires_at: int, now: int
    ) -> bool:
        """Gives a pushed request to a browser; False where it is not this client's, is over, or was opened before."""
        return await self._update(
            col(Row.request_uri_hash) == request_uri_hash,
            col(Row.client_id) == client_id,
            col(Row.session_hash).is_(None),
            col(Row.expires_at) > now,
            session_hash=session_hash,
            expires_at=expires_at,
        )

    async def load_open(self, session_hash: str, *, now: int) -> Row | None:
        """The undecided request that a browser is at."""
        query = select(Row).where(
            col(Row.session_hash) == session_hash, col(Row.decided_at).is_(None), col(Row.expires_at) > now
        )
        return (await self._session.exec(query)).first()

    async def begin_attempt(self, session_hash: str, *, now: int) -> bool:
        """Counts one attempt to sign in before anything of it is looked at; False where no more are heard."""
        return await self._update(
            col(Row.session_hash) == session_hash,
            col(Row.person_id).is_(None),
            col(Row.decided_at).is_(None),
            col(Row.attempts) < MAX_SIGN_IN_ATTEMPTS,
            col(Row.expires_at) > now,
            attempts=col(Row.attempts) + 1,
        )

    async def set_person(self, session_hash: str, person_id: str) -> None:
        """Says who sits at the browser."""
        await self._update(col(Row.session_hash) == session_hash, col(Row.person_id).is_(None), person_id=person_id)

    async def decide(
        self, row_id: str, *, code_hash: str | None, configuration_ids: Sequence[str], until: int, now: int
    ) -> bool:
        """Ends the page: with a code that holds until then, which needs a known person, or with a refusal."""
        conditions: list[ColumnElement[bool]] = [col(Row.id) == row_id, col(Row.decided_at).is_(None)]
        changes: dict[str, Any] = {"decided_at": now}
        if code_hash is not None:
            conditions.append(col(Row.person_id).is_not(None))
            changes |= {"code_hash": code_hash, "configuration_ids": list(configuration_ids), "expires_at": until}
        return await self._update(*conditions, **changes)

    async def load_by_code(self, code_hash: str) -> Row | None:
        """The request of a code, whatever became of it; whoever else has the code waits until the transaction's end.

        Else a second use could find the code unused, and not know what to revoke.
        """
        query = select(Row).where(col(Row.code_hash) == code_hash).with_for_update()
        return (await self._session.exec(query)).first()

    async def use_code(self, code_hash: str, *, now: int) -> bool:
        """Marks a code as used; False where it was used before, or is over."""
        return await self._update(
            col(Row.code_hash) == code_hash,
            col(Row.code_used_at).is_(None),
            col(Row.expires_at) > now,
            code_used_at=now,
        )

    async def link(self, row_id: str, authorization_id: str) -> None:
        """Says which authorization the code brought."""
        await self._update(col(Row.id) == row_id, authorization_id=authorization_id)

    async def forget(self, *, until: int) -> None:
        """Forgets the requests that were over at that time."""
        statement = delete(Row).where(col(Row.expires_at) <= until)
        await self._session.exec(statement.execution_options(synchronize_session=False))

    async def _update(self, *conditions: ColumnElement[bool], **changes: Any) -> bool:
        statement = update(Row).where(*conditions).values(**changes)
        updated = await self._session.exec(statement.execution_options(synchronize_session=False))
        return updated.rowcount == 1
