"""A request with an Idempotency-Key acts once, however often it comes.

The answer is kept in the transaction of what it answers for, under a key that the database keeps unique: of two equal
requests at the same time one fails to commit, and finds the other's answer when it looks again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.idempotency.models import IdempotentAnswer
from backend.idempotency.repository import IdempotencyRepository
from vc_core.clock import Clock
from vc_core.errors import Conflict
from vc_core.web.database import Database

Answer = TypeVar("Answer", bound=BaseModel)


class Idempotency:
    """Runs what creates something, once for each key."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run_once(
        self,
        scope: str,
        key: str | None,
        body: BaseModel,
        create: Callable[[AsyncSession], Awaitable[Answer]],
        kind: type[Answer],
    ) -> Answer:
        """What `create` returns, or the answer of this `kind` that it returned the first time for this scope and key.

        Without a key it runs each time. Raises `Conflict` where the key came with another body before.
        """
        if key is None:
            async with self._database.transaction() as session:
                return await create(session)
        body_hash = hashlib.sha256(body.model_dump_json().encode("utf-8")).hexdigest()
        try:
            return await self._answer(scope, key, body_hash, create, kind)
        except IntegrityError:
            return await self._answer(scope, key, body_hash, create, kind)

    async def _answer(
        self,
        scope: str,
        key: str,
        body_hash: str,
        create: Callable[[AsyncSession], Awaitable[Answer]],
        kind: type[Answer],
    ) -> Answer:
        async with self._database.transaction() as session:
            repository = IdempotencyRepository(session)
            before = await repository.load(scope, key)
            if before is None:
                answer = await create(session)
                await repository.add(
                    IdempotentAnswer(
                        scope=scope,
                        key=key,
                        body_hash=body_hash,
                        answer=answer.model_dump_json(),
                        created_at=self._clock(),
                    )
                )
                return answer
        if before.body_hash != body_hash:
            raise Conflict("This Idempotency-Key came with another request before.")
        return kind.model_validate_json(before.answer)
