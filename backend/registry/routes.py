"""`GET /registry`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter

from vc_core.ledger.snapshot import RegistrySnapshot


def registry_router(snapshot: Callable[[], RegistrySnapshot]) -> APIRouter:
    """The registry as this service mirrors it, so that wallets can verify issuers without speaking to the chain."""
    router = APIRouter(tags=["registry"])

    @router.get(
        "/registry",
        summary="The registry of DIDs and accreditations",
        response_description="All events up to the block `head`, and when that was known to be the newest.",
        responses={503: {"description": "The registry has not been read yet."}},
    )
    async def read_registry() -> dict[str, Any]:
        return snapshot().to_json()

    return router
