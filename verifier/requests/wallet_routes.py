"""What wallets, and browsers on the same phone, are sent to. Nothing here asks for a token: the address is the secret.

Wallets get OAuth's errors. No page runs a script.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from vc_core.protocols.openid4vp.request_object import MEDIA_TYPE, RequestUriPost, parse_request_uri_post
from vc_core.protocols.openid4vp.response import create_response_answer
from vc_core.web.forms import read_form
from verifier.desk.phone_page import PHONE_HEADERS, render_done, render_start
from verifier.requests.responses import ResponseService
from verifier.requests.service import LIFETIME_SECONDS, RequestService
from verifier.settings import VerifierSettings

SESSION_COOKIE = "presentation"
_NO_STORE = {"Cache-Control": "no-store"}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "A code of OpenID4VP 1.0 section 8.5 or RFC 6749, as `error`."},
    404: {"description": "There is no such request, or no longer (`not_found`)."},
    413: {"description": "The answer is over the limit (`payload_too_large`)."},
}
_REQUEST_OBJECT: dict[int | str, dict[str, Any]] = {
    200: {"description": "A signed request object (JAR).", "content": {MEDIA_TYPE: {}}}
}
_FORM: dict[str, Any] = {
    "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}}
}


def wallet_router(service: RequestService, responses: ResponseService, settings: VerifierSettings) -> APIRouter:
    """The request object, the response address, and the two ends of a request on the same device."""
    router = APIRouter(prefix="/openid4vp/{handle}", tags=["OpenID4VP"], responses=_REFUSALS)
    secure = settings.public_url.startswith("https:")

    @router.get(
        "/request",
        summary="The request object (OpenID4VP section 5)",
        responses=_REQUEST_OBJECT,
        response_class=Response,
    )
    async def get_request(handle: str) -> Response:
        text = await service.request_object(handle, RequestUriPost(None, None))
        return Response(text, media_type=MEDIA_TYPE, headers=_NO_STORE)

    @router.post(
        "/request",
        summary="The request object, with a nonce of the wallet's (OpenID4VP section 5.10)",
        responses=_REQUEST_OBJECT,
        response_class=Response,
        openapi_extra=_FORM,
    )
    async def post_request(handle: str, request: Request) -> Response:
        text = await service.request_object(handle, parse_request_uri_post(await read_form(request)))
        return Response(text, media_type=MEDIA_TYPE, headers=_NO_STORE)

    @router.post("/response", summary="The answer of a wallet (OpenID4VP section 8.2)", openapi_extra=_FORM)
    async def respond(handle: str, request: Request) -> JSONResponse:
        answer = await responses.take_form(handle, await read_form(request))
        return JSONResponse(create_response_answer(answer), headers=_NO_STORE)

    @router.get("/start", include_in_schema=False)
    async def start(handle: str, request: Request) -> Response:
        link, session = await service.start(handle, request.cookies.get(SESSION_COOKIE))
        page = HTMLResponse(render_start(settings, request, link), headers=PHONE_HEADERS)
        if session is not None:
            page.set_cookie(
                SESSION_COOKIE,
                session,
                max_age=LIFETIME_SECONDS,
                path=f"/openid4vp/{handle}",
                httponly=True,
                samesite="lax",
                secure=secure,
            )
        return page

    @router.get("/return", include_in_schema=False)
    async def return_(handle: str, request: Request, response_code: str | None = None) -> Response:
        return_to = await service.finish(handle, request.cookies.get(SESSION_COOKIE), response_code)
        if return_to is not None:
            return RedirectResponse(return_to, 303, headers=PHONE_HEADERS)
        return HTMLResponse(render_done(settings, request), headers=PHONE_HEADERS)

    return router
