"""`GET /known-verifiers`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Response

from backend.known_verifiers.listing import list_verifiers
from backend.known_verifiers.schemas import KnownVerifiers
from vc_core.clock import Clock
from vc_core.ledger.snapshot import RegistrySnapshot

FRESH_SECONDS = 60
"""How long one list serves everybody: a phone keeps it for days."""


def known_verifiers_router(snapshot: Callable[[], RegistrySnapshot], clock: Clock) -> APIRouter:
    """The route; the list is made anew at most once a minute."""
    router = APIRouter(tags=["registry"])
    made: dict[int, asyncio.Task[KnownVerifiers]] = {}

    @router.get(
        "/known-verifiers",
        summary="All verifiers that the registry knows, for phones to keep",
        responses={503: {"description": "The registry has not been read yet."}},
    )
    async def known_verifiers(response: Response) -> KnownVerifiers:
        response.headers["Cache-Control"] = f"max-age={FRESH_SECONDS}"
        now = clock()
        minute = now // FRESH_SECONDS
        if minute not in made:
            registry = snapshot()
            made.clear()
            made[minute] = asyncio.create_task(asyncio.to_thread(list_verifiers, registry, now=now))
        return await asyncio.shield(made[minute])

    return router
