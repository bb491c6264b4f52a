"""`/healthz`: the process answers. `/readyz`: so does all that it needs."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter
from fastapi.responses import JSONResponse

_log = logging.getLogger(__name__)


def health_router(checks: Mapping[str, Callable[[], Awaitable[None]]]) -> APIRouter:
    """The two routes; `checks` by name, each of which returns when its part is ready and raises otherwise."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="The process is alive")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz", summary="Everything that the service needs is ready")
    async def readyz() -> JSONResponse:
        parts = {name: await _is_ready(name, check) for name, check in checks.items()}
        ready = all(parts.values())
        return JSONResponse({"status": "ok" if ready else "not_ready", "parts": parts}, 200 if ready else 503)

    return router


async def _is_ready(name: str, check: Callable[[], Awaitable[None]]) -> bool:
    try:
        await check()
    except Exception as cause:  # whatever keeps a part from answering, the reply is the same: not ready
        _log.warning("not ready", extra={"service": name, "error": type(cause).__name__})
        return False
    return True
