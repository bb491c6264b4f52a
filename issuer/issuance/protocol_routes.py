"""The endpoints that wallets speak OpenID4VCI with. Their errors are OAuth's, and nothing of them is cached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from issuer.issuance.credentials import CredentialService
from issuer.issuance.offers import TOKEN_LIFETIME, OfferService
from vc_core.errors import PayloadTooLarge, ProtocolError, Unauthenticated
from vc_core.protocols.oauth.token import create_token_response, parse_token_request
from vc_core.protocols.openid4vci.credential import create_credential_response, parse_credential_request
from vc_core.protocols.openid4vci.nonce import create_nonce_response
from vc_core.web.access import bearer_token

MAX_MESSAGE_BYTES = 256 * 1024
_MAX_FIELDS = 20
_NO_STORE = {"Cache-Control": "no-store"}
_CACHED = {"Cache-Control": "max-age=300"}
_TOKEN_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "invalid_request, invalid_grant or unsupported_grant_type (RFC 6749 section 5.2)"}
}
_CREDENTIAL_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "A code of OpenID4VCI 1.0 section 8.3.1.2"},
    401: {"description": "invalid_token (RFC 6750 section 3.1)"},
    403: {"description": "insufficient_scope (RFC 6750 section 3.1): the token is for other credentials"},
}


def create_router(offers: OfferService, credentials: CredentialService) -> APIRouter:
    """The token, nonce and credential endpoints."""
    router = APIRouter(tags=["OpenID4VCI"])

    @router.post(
        "/token",
        summary="An access token for a pre-authorized code (OpenID4VCI section 6)",
        responses=_TOKEN_ERRORS,
        openapi_extra=_body("application/x-www-form-urlencoded"),
    )
    async def token(request: Request) -> JSONResponse:
        access_token = await offers.redeem(parse_token_request(await _form(request)))
        return JSONResponse(create_token_response(access_token, expires_in=TOKEN_LIFETIME), headers=_NO_STORE)

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
        offer = await credentials.authorize(access_token)
        if _media_type(request) != "application/json":
            raise ProtocolError("invalid_credential_request", "A credential request is sent as application/json.")
        issued = await credentials.issue(offer, parse_credential_request(await _bounded_body(request)))
        return JSONResponse(create_credential_response(issued), headers=_NO_STORE)

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


async def _form(request: Request) -> list[tuple[str, str]]:
    """The fields of a form, repeated ones too: which framework's dictionaries would hide."""
    if _media_type(request) != "application/x-www-form-urlencoded":
        raise ProtocolError("invalid_request", "A token request is sent as application/x-www-form-urlencoded.")
    try:
        text = (await _bounded_body(request)).decode("ascii")
        return parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError as cause:
        raise ProtocolError("invalid_request", "The form can't be read.") from cause


async def _bounded_body(request: Request) -> bytes:
    """The body, within a smaller bound than a roster's."""
    body = await request.body()
    if len(body) > MAX_MESSAGE_BYTES:
        raise PayloadTooLarge(f"The request may have at most {MAX_MESSAGE_BYTES} bytes.")
    return body


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _body(media_type: str) -> dict[str, Any]:
    return {"requestBody": {"content": {media_type: {"schema": {"type": "object"}}}, "required": True}}
