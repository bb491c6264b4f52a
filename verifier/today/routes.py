"""`GET /checks/today` and `POST /checks/{check_id}/face`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from vc_core.web.json_body import StrictJsonRoute
from verifier.access import refuse_cross_site, require_desk, staff_of
from verifier.settings import VerifierSettings
from verifier.today.schemas import FaceAnswer, SayFace, TodayAnswer
from verifier.today.service import TodayService

_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "Not of the documented form, or from another site's page (`invalid_request`)."},
    401: {"description": "Nobody is signed in, and the desk token is missing or not valid (`unauthenticated`)."},
}
_FACE_REFUSALS: dict[int | str, dict[str, Any]] = {
    404: {"description": "No such check was accepted here today (`not_found`)."},
    409: {"description": "The opposite was recorded before (`conflict`)."},
    415: {"description": "The body is not JSON by its media type (`unsupported_media_type`)."},
}


def today_router(service: TodayService, settings: VerifierSettings) -> APIRouter:
    """The routes; in production for the staff and who has the desk token."""
    guards = [Depends(require_desk(settings)), Depends(refuse_cross_site(settings))]
    router = APIRouter(
        route_class=StrictJsonRoute, prefix="/checks", tags=["checks"], dependencies=guards, responses=_REFUSALS
    )

    @router.get("/today", summary="The checks of this desk today")
    async def today(response: Response) -> TodayAnswer:
        response.headers["Cache-Control"] = "no-store"
        return await service.today()

    @router.post("/{check_id}/face", summary="Record whether the face was compared", responses=_FACE_REFUSALS)
    async def say_face(check_id: str, said: SayFace, request: Request, response: Response) -> FaceAnswer:
        response.headers["Cache-Control"] = "no-store"
        return await service.say_face(check_id, same_person=said.same_person, staff_id=staff_of(request))

    return router
