"""`POST /checks` and `POST /checks/image`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response, UploadFile

from verifier.access import refuse_cross_site, require_bearer
from verifier.checks.images import read_upload
from verifier.checks.schemas import CheckRequest, Verdict
from verifier.checks.service import CheckService
from verifier.settings import VerifierSettings

_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "Not of the documented form, or from another site's page (`invalid_request`)."},
    401: {"description": "The desk token is missing or not valid (`unauthenticated`)."},
    413: {"description": "The request is over the limit (`payload_too_large`)."},
}


def checks_router(service: CheckService, settings: VerifierSettings) -> APIRouter:
    """The JSON API of checks; in production it needs the desk token."""
    guards = [Depends(require_bearer(settings)), Depends(refuse_cross_site(settings))]
    router = APIRouter(prefix="/checks", tags=["checks"], dependencies=guards, responses=_REFUSALS)

    @router.post("", summary="Check the text of a QR code")
    async def check_text(request: CheckRequest, response: Response) -> Verdict:
        response.headers["Cache-Control"] = "no-store"
        return await service.check_text(request.qr)

    @router.post("/image", summary="Check the QR code in a PNG or JPEG picture")
    async def check_image(image: Annotated[UploadFile, "PNG or JPEG"], response: Response) -> Verdict:
        response.headers["Cache-Control"] = "no-store"
        return await service.check_image(await read_upload(image))

    return router
