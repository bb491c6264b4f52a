"""`POST /challenges`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Response

from verifier.access import refuse_cross_site, require_desk
from verifier.challenges.schemas import CreatedChallenge
from verifier.challenges.service import ChallengeService
from verifier.settings import VerifierSettings

_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "From another site's page (`invalid_request`)."},
    401: {"description": "Nobody is signed in, and the desk token is missing or not valid (`unauthenticated`)."},
    503: {"description": "The desk's key for requests does not sign now (`signer_unavailable`)."},
}


def challenges_router(service: ChallengeService, settings: VerifierSettings) -> APIRouter:
    """The JSON API of challenges; in production for the staff and who has the desk token."""
    guards = [Depends(require_desk(settings)), Depends(refuse_cross_site(settings))]
    router = APIRouter(tags=["challenges"], dependencies=guards, responses=_REFUSALS)

    @router.post("/challenges", status_code=201, summary="A challenge for a phone without a network, as a QR code")
    async def create(response: Response) -> CreatedChallenge:
        response.headers["Cache-Control"] = "no-store"
        return await service.create()

    return router
