"""The endpoints that wallets speak OpenID4VCI with. Their errors are OAuth's, and nothing of them is cached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from issuer.authorization.tokens import TokenService
from issuer.issuance.credentials import CredentialService
from vc_core.errors import ProtocolError, Unauthenticated
from vc_core.protocols.openid4vci.credential import (
    IssuedCredentials,
    create_credential_response,
    parse_credential_request,
)
from vc_core.protocols.openid4vci.nonce import create_nonce_response
from vc_core.web.access import bearer_token
from vc_core.web.forms import media_type_of, read_message

_NO_STORE = {"Cache-Control": "no-store"}
_CACHED = {"Cache-Control": "max-age=300"}
_CREDENTIAL_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "A code of OpenID4VCI 1.0 section 8.3.1.2"},
    401: {"description": "invalid_token (RFC 6750 section 3.1)"},
    403: {"description": "insufficient_scope (RFC 6750 section 3.1): the token is for other credentials"},
}


def create_router(tokens: TokenService, credentials: CredentialService) -> APIRouter:
    """The nonce and credential endpoints."""
    router = APIRouter(tags=["OpenID4VCI"])

    @router.post("/nonce", summary="A fresh c_nonce (OpenID4VCI section 7)")
    async def nonce() -> JSONResponse:
        return JSONResponse(create_nonce_response(await credentials.create_nonce()), headers=_NO_STORE)

    @router.post(
        "/credential",
        summary="A credential (OpenID4VCI section 8)",
        responses=_CREDENTIAL_ERRORS,
        openapi_extra=_body("application/json"),
    )
    async def credential(request: Request) -> JSONResponse:
        try:
            access_token = bearer_token(request)
        except Unauthenticated as cause:
            raise ProtocolError("invalid_token", cause.message) from cause
        authorization = await tokens.authorize(access_token)
        if media_type_of(request) != "application/json":
            raise ProtocolError("invalid_credential_request", "A credential request is sent as application/json.")
        asked = parse_credential_request(await read_message(request))
        if asked.response_encryption is not None:
            raise ProtocolError("invalid_encryption_parameters", "This issuer does not encrypt its responses.")
        issued = await credentials.issue(authorization, asked)
        return JSONResponse(create_credential_response(IssuedCredentials((issued,))), headers=_NO_STORE)

    return router


def create_metadata_router(
    issuer_metadata: Callable[[], dict[str, Any]], server_metadata: Callable[[], dict[str, Any]]
) -> APIRouter:
    """The two metadata documents, as they are at the time of asking."""
    router = APIRouter(tags=["OpenID4VCI"])

    @router.get("/.well-known/openid-credential-issuer", summary="Issuer metadata (OpenID4VCI section 12.2)")
    async def credential_issuer() -> JSONResponse:
        return JSONResponse(issuer_metadata(), headers=_CACHED)

    @router.get("/.well-known/oauth-authorization-server", summary="Authorization server metadata (RFC 8414)")
    async def authorization_server() -> JSONResponse:
        return JSONResponse(server_metadata(), headers=_CACHED)

    return router


def _body(media_type: str) -> dict[str, Any]:
    return {"requestBody": {"content": {media_type: {"schema": {"type": "object"}}}, "required": True}}
