"""`POST /trust-bundle`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request

from verifier.access import refuse_cross_site, require_desk
from verifier.bundles.schemas import ImportAnswer
from verifier.bundles.service import BundleService
from verifier.settings import VerifierSettings

_REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"description": "Nobody is signed in, and the desk token is missing or not valid (`unauthenticated`)."},
    413: {"description": "The file is over the limit (`payload_too_large`)."},
    422: {"description": "The bundle is not imported; the sentence says why (`trust_bundle_refused`)."},
}


def bundles_router(service: BundleService, settings: VerifierSettings) -> APIRouter:
    """Imports; in production for the staff and who has the desk token."""
    guards = [Depends(require_desk(settings)), Depends(refuse_cross_site(settings))]
    router = APIRouter(tags=["trust bundle"], dependencies=guards, responses=_REFUSALS)

    @router.post("/trust-bundle", summary="Take over a trust bundle: the request's body is the file")
    async def import_bundle(request: Request) -> ImportAnswer:
        return await service.import_bundle(await request.body())

    return router
