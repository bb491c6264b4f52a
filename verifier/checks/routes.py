"""`POST /checks` and `POST /checks/image`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from starlette.routing import Match, Route
from starlette.types import Scope

from verifier.access import Guard, refuse_cross_site, require_desk, staff_of
from verifier.checks.images import read_upload
from verifier.checks.schemas import (
    PIN_DESCRIPTION,
    PIN_PATTERN,
    CheckRequest,
    Verdict,
    parse_check_request,
    write_verdict,
)
from verifier.checks.service import CheckService
from verifier.settings import VerifierSettings

_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "Not of the documented form, or from another site's page (`invalid_request`)."},
    401: {"description": "Nobody is signed in, and the desk token is missing or not valid (`unauthenticated`)."},
    413: {"description": "The request is over the limit (`payload_too_large`)."},
    415: {"description": "The body is not JSON by its media type (`unsupported_media_type`)."},
}
_NOT_CACHED = {"Cache-Control": "no-store"}


class _NamedRoute(Route):
    """A route whose pattern the request log finds, as it finds that of FastAPI's routes."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See `Route`."""
        match, found = super().matches(scope)
        return match, {**found, "route": self}


def check_text_route(service: CheckService, settings: VerifierSettings) -> Route:
    """`POST /checks` by the shortest way: to be found before the routes of `checks_router`, which describe it.

    FastAPI's way to a function and back takes longer than verifying both signatures, and this is what desks ask most.
    """
    guards = _guards(settings)

    async def answer(request: Request) -> Response:
        for guard in guards:
            await guard(request)
        text, pin = parse_check_request(request.headers.get("content-type", ""), await request.body())
        verdict = await service.check(text, pin=pin, staff_id=staff_of(request))
        return Response(write_verdict(verdict), media_type="application/json", headers=_NOT_CACHED)

    return _NamedRoute("/checks", answer, methods=["POST"])


def checks_router(service: CheckService, settings: VerifierSettings) -> APIRouter:
    """The JSON API of checks; in production for the staff and who has the desk token."""
    guards = [Depends(guard) for guard in _guards(settings)]
    router = APIRouter(prefix="/checks", tags=["checks"], dependencies=guards, responses=_REFUSALS)

    @router.post("", summary="Check the text of a QR code")
    async def check_text(asked: CheckRequest, request: Request, response: Response) -> Verdict:
        response.headers.update(_NOT_CACHED)
        return await service.check(asked.qr, pin=asked.pin, staff_id=staff_of(request))

    @router.post("/image", summary="Check the QR code in a PNG or JPEG picture")
    async def check_image(
        image: Annotated[UploadFile, File(description="PNG or JPEG.")],
        request: Request,
        response: Response,
        pin: Annotated[str | None, Form(pattern=PIN_PATTERN, description=PIN_DESCRIPTION)] = None,
    ) -> Verdict:
        response.headers.update(_NOT_CACHED)
        read = await service.read_image(await read_upload(image))
        return await service.check(read, pin=pin, staff_id=staff_of(request))

    return router


def _guards(settings: VerifierSettings) -> list[Guard]:
    return [require_desk(settings), refuse_cross_site(settings)]
