"""`/par`: pushed authorization requests (RFC 9126). Errors are OAuth's, and nothing is cached."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from issuer.authorization.proof_headers import read_proofs
from issuer.authorization.requests import PUSHED_LIFETIME, AuthorizationRequestService
from issuer.authorization.senders import SenderService
from vc_core.protocols.oauth.pushed_authorization import create_pushed_authorization_response
from vc_core.web.forms import read_form

_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "A code of RFC 6749 section 4.1.2.1; invalid_dpop_proof, use_dpop_nonce (RFC 9449)"},
    401: {"description": "invalid_client: no such wallet, or its attestation is not good"},
}
_FORM = {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}, "required": True}


def create_router(requests: AuthorizationRequestService, senders: SenderService, public_url: str) -> APIRouter:
    """The pushed authorization request endpoint."""
    router = APIRouter(tags=["OAuth"])

    @router.post(
        "/par",
        status_code=201,
        summary="Push an authorization request (RFC 9126)",
        responses=_ERRORS,
        openapi_extra={"requestBody": _FORM},
    )
    async def push(request: Request) -> JSONResponse:
        fields = await read_form(request)
        client_id = dict(fields).get("client_id") or None
        proofs = read_proofs(request, public_url)
        sender = await senders.verify_client(proofs, client_id=client_id, dpop_later=True)
        secret = await requests.push(fields, sender)
        response = create_pushed_authorization_response(secret, expires_in=PUSHED_LIFETIME)
        return JSONResponse(response, 201, headers={"Cache-Control": "no-store"})

    return router
