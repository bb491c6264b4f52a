"""What a desk's program does with requests: makes them, shows them, and fetches what came of them."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from vc_core.web.json_body import StrictJsonRoute
from verifier.access import refuse_cross_site, require_desk, staff_of
from verifier.requests.qr import draw_qr_png, draw_qr_svg
from verifier.requests.responses import ResponseService
from verifier.requests.schemas import (
    CreatedRequest,
    CreateRequest,
    DigitalCredentialsAnswer,
    RequestAnswer,
    SignedTransactionAnswer,
)
from verifier.requests.service import RequestService
from verifier.settings import VerifierSettings

_NO_STORE = {"Cache-Control": "no-store"}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "Not of the documented form, or members that do not go together (`invalid_request`)."},
    401: {"description": "Nobody is signed in, and the desk token is missing or not valid (`unauthenticated`)."},
    403: {"description": "The registry does not let this hospital ask for this; nothing was asked (`not_accredited`)."},
    404: {"description": "There is no such request, or no longer (`not_found`)."},
    409: {"description": "The request is over, or the desk has no key for it (`conflict`)."},
}


def requests_router(service: RequestService, responses: ResponseService, settings: VerifierSettings) -> APIRouter:
    """The JSON API of requests; in production for the staff and who has the desk token."""
    guards = [Depends(require_desk(settings)), Depends(refuse_cross_site(settings))]
    router = APIRouter(route_class=StrictJsonRoute, tags=["requests"], dependencies=guards, responses=_REFUSALS)

    @router.post("/requests", status_code=201, summary="Ask a phone for credentials, by a named policy")
    async def create(wanted: CreateRequest, request: Request, response: Response) -> CreatedRequest:
        response.headers.update(_NO_STORE)
        return await service.create(wanted, staff_id=staff_of(request))

    @router.get("/requests/{request_id}", summary="Where a request is, and the verdict on what was presented")
    async def result(request_id: str, response: Response) -> RequestAnswer:
        response.headers.update(_NO_STORE)
        return await service.result(request_id)

    @router.get("/requests/{request_id}/qr.png", summary="The request's QR code as a PNG", response_class=Response)
    async def qr_png(request_id: str) -> Response:
        picture = await asyncio.to_thread(draw_qr_png, await service.link(request_id))
        return Response(picture, media_type="image/png", headers=_NO_STORE)

    @router.get("/requests/{request_id}/qr.svg", summary="The request's QR code as an SVG", response_class=Response)
    async def qr_svg(request_id: str) -> Response:
        picture = await asyncio.to_thread(draw_qr_svg, await service.link(request_id))
        return Response(picture, media_type="image/svg+xml", headers=_NO_STORE)

    @router.get("/requests/{request_id}/digital-credential", summary="The options for navigator.credentials.get")
    async def browser_request(request_id: str, response: Response) -> dict[str, Any]:
        response.headers.update(_NO_STORE)
        return {"digital": {"requests": [await service.browser_request(request_id)]}}

    @router.post("/requests/{request_id}/digital-credential", summary="What navigator.credentials.get gave the page")
    async def browser_answer(request_id: str, answer: DigitalCredentialsAnswer, response: Response) -> RequestAnswer:
        response.headers.update(_NO_STORE)
        await responses.take_browser_answer(request_id, answer.data)
        return await service.result(request_id)

    @router.get("/signed-transactions/{signed_id}", summary="What a holder signed by presenting, as proof")
    async def signed(signed_id: str, response: Response) -> SignedTransactionAnswer:
        response.headers.update(_NO_STORE)
        return SignedTransactionAnswer(**(await service.signed_transaction(signed_id)).model_dump())

    return router
