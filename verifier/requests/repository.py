"""The SQL of requests. Whatever may happen once is one conditional UPDATE here."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update
from sqlmodel import col

from verifier.requests.models import PresentationRequest, SignedTransaction
from verifier.requests.states import Event, sources, target

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
"""What our ids look like. No other text is looked for: PostgreSQL has no NUL in texts, and raises on one."""


class RequestRepository:
    """Reads and writes in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, row: PresentationRequest) -> None:
        """A new request."""
        self._connection.execute(insert(PresentationRequest).values(**row.model_dump()))

    def load(self, request_id: str) -> PresentationRequest | None:
        """A request by the desk's name for it."""
        if not _ID.match(request_id):
            return None
        return self._load(col(PresentationRequest.id) == request_id)

    def load_by_handle(self, handle_hash: str) -> PresentationRequest | None:
        """A request by the hash of the wallet's name for it."""
        return self._load(col(PresentationRequest.handle_hash) == handle_hash)

    def _load(self, condition: ColumnElement[bool]) -> PresentationRequest | None:
        found = self._connection.execute(select(PresentationRequest.__table__).where(condition)).mappings().first()  # type: ignore[attr-defined]
        return None if found is None else PresentationRequest(**found)

    def move(self, request_id: str, event: Event, *, now: int, **values: Any) -> bool:
        """Whether the event happened: in one of its states, and in time. `values` are set along with the state."""
        done = self._connection.execute(
            update(PresentationRequest)
            .where(*_may_happen(event, now), col(PresentationRequest.id) == request_id)
            .values(state=target(event), **values)
        )
        return done.rowcount == 1

    def open_session(self, handle_hash: str, session_hash: str, *, now: int) -> bool:
        """Whether this browser is the first to begin a request on the same device."""
        done = self._connection.execute(
            update(PresentationRequest)
            .where(
                *_may_happen(Event.ANSWER_SAME_DEVICE, now),
                col(PresentationRequest.handle_hash) == handle_hash,
                col(PresentationRequest.session_hash).is_(None),
            )
            .values(session_hash=session_hash)
        )
        return done.rowcount == 1

    def end_session(self, handle_hash: str, session_hash: str, response_code_hash: str, *, now: int) -> bool:
        """Whether the browser that came back is the one that began, with the code that its wallet was given: once."""
        done = self._connection.execute(
            update(PresentationRequest)
            .where(
                *_may_happen(Event.RETURN, now),
                col(PresentationRequest.handle_hash) == handle_hash,
                col(PresentationRequest.session_hash) == session_hash,
                col(PresentationRequest.response_code_hash) == response_code_hash,
            )
            .values(state=target(Event.RETURN), response_code_hash=None)
        )
        return done.rowcount == 1

    def save_result(
        self, request_id: str, result: dict[str, Any], sealed_portrait: bytes | None, *, portrait_until: int
    ) -> None:
        """What came of a request that was just moved; its key is not needed any more."""
        self._connection.execute(
            update(PresentationRequest)
            .where(col(PresentationRequest.id) == request_id)
            .values(result=result, sealed_key=None, sealed_portrait=sealed_portrait, portrait_until=portrait_until)
        )

    def keep_portrait(self, request_id: str, *, until: int) -> None:
        """Has the portrait told until then, or as long as it would have been if that is shorter."""
        self._connection.execute(
            update(PresentationRequest)
            .where(col(PresentationRequest.id) == request_id, col(PresentationRequest.portrait_until) > until)
            .values(portrait_until=until)
        )

    def delete_portraits(self, *, now: int) -> None:
        """Forgets the portraits that are told no longer."""
        self._connection.execute(
            update(PresentationRequest)
            .where(col(PresentationRequest.portrait_until) <= now)
            .values(sealed_portrait=None, portrait_until=None)
        )

    def save_signed(self, row: SignedTransaction) -> None:
        """What a holder signed."""
        self._connection.execute(insert(SignedTransaction).values(**row.model_dump()))

    def load_signed(self, signed_id: str) -> SignedTransaction | None:
        """What a holder signed, by its id."""
        if not _ID.match(signed_id):
            return None
        statement = select(SignedTransaction.__table__).where(col(SignedTransaction.id) == signed_id)  # type: ignore[attr-defined]
        found = self._connection.execute(statement).mappings().first()
        return None if found is None else SignedTransaction(**found)

    def delete_old(self, *, created_before: int, signed_before: int) -> None:
        """Forgets requests with their results, and proofs, from before these times."""
        self._connection.execute(
            delete(PresentationRequest).where(col(PresentationRequest.created_at) < created_before)
        )
        self._connection.execute(delete(SignedTransaction).where(col(SignedTransaction.signed_at) < signed_before))


def _may_happen(event: Event, now: int) -> tuple[ColumnElement[bool], ...]:
    return col(PresentationRequest.state).in_(sources(event)), col(PresentationRequest.expires_at) > now
