"""`POST /checks` and `POST /checks/image`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from starlette.types import ASGIApp, Receive, Scope, Send

from vc_core.errors import InvalidRequest, SabaiError
from vc_core.web.problem import problem_response
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
_ANSWER_HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


class CheckTexts:
    """ASGI middleware that answers `POST /checks`, which is what desks ask most, before it gets to the routes.

    The way through FastAPI to a function and back takes longer than verifying both signatures. `checks_router` has the
    same as a route, for the OpenAPI document.
    """

    path = "/checks"
    """Where the request log finds a route's pattern."""

    def __init__(self, app: ASGIApp, *, service: CheckService, settings: VerifierSettings) -> None:
        self._app = app
        self._service = service
        self._guards = _guards(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, or passes the request on."""
        if scope["type"] != "http" or scope["path"] != self.path or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        scope["route"] = self
        try:
            answer = await self._answer(Request(scope), receive)
        except SabaiError as error:
            await problem_response(error)(scope, receive, send)
            return
        headers = [*_ANSWER_HEADERS, (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _answer(self, request: Request, receive: Receive) -> bytes:
        for guard in self._guards:
            await guard(request)
        text, pin = parse_check_request(request.headers.get("content-type", ""), await _read(receive))
        return write_verdict(await self._service.check(text, pin=pin, staff_id=staff_of(request)))


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


async def _read(receive: Receive) -> bytes:
    """The body of a request. Raises `InvalidRequest` where the client goes away before its end."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise InvalidRequest("The request ended before its body did.")
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _guards(settings: VerifierSettings) -> list[Guard]:
    return [require_desk(settings), refuse_cross_site(settings)]
