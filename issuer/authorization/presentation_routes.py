"""`/authorize/presentation`: where a wallet posts the health ID that signs its holder in (OpenID4VP section 8.2)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from issuer.authorization.presentations import RESPONSE_PATH, PresentationSignIn
from vc_core.protocols.openid4vp.response import ResponseAnswer, create_response_answer, parse_response_form
from vc_core.web.forms import read_form


def create_router(presentations: PresentationSignIn) -> APIRouter:
    """The response endpoint."""
    router = APIRouter(tags=["OpenID4VP"])

    @router.post(
        RESPONSE_PATH,
        summary="A health ID that signs in",
        responses={400: {"description": "invalid_request, whatever is wrong with the answer"}},
    )
    async def take(request: Request) -> JSONResponse:
        redirect_uri = await presentations.answer(parse_response_form(await read_form(request)))
        answer = create_response_answer(ResponseAnswer(redirect_uri))
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    return router
