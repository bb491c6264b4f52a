"""The endpoints that wallets speak OpenID4VCI with. Their errors are OAuth's, and nothing of them is cached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from issuer.authorization.proof_headers import ProtectedResource
from issuer.issuance.credentials import CredentialService
from vc_core.crypto.jwe import EncryptionKey
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vci.credential import (
    CredentialResponse,
    DeferredIssuance,
    create_credential_response,
    parse_credential_request,
)
from vc_core.protocols.openid4vci.deferred import parse_deferred_credential_request
from vc_core.protocols.openid4vci.encryption import (
    ENCRYPTED_MEDIA_TYPE,
    ResponseEncryption,
    decrypt_request,
    encrypt_response,
)
from vc_core.protocols.openid4vci.nonce import create_nonce_response
from vc_core.protocols.openid4vci.notification import parse_notification_request
from vc_core.web.forms import media_type_of, read_message

_PLAIN = "application/json"
_NO_STORE = {"Cache-Control": "no-store"}
_TOKEN_ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"description": "invalid_token (RFC 6750 section 3.1); invalid_dpop_proof, use_dpop_nonce (RFC 9449)"},
}
_CREDENTIAL_ERRORS: dict[int | str, dict[str, Any]] = _TOKEN_ERRORS | {
    202: {"description": "To be fetched later: transaction_id and interval (section 9)"},
    400: {"description": "A code of OpenID4VCI 1.0 section 8.3.1.2, or 9.3"},
    403: {"description": "insufficient_scope (RFC 6750 section 3.1): the token is for other credentials"},
}
_NOTIFICATION_ERRORS: dict[int | str, dict[str, Any]] = _TOKEN_ERRORS | {
    400: {"description": "invalid_notification_id or invalid_notification_request (section 11.3)"},
}


def create_router(
    resource: ProtectedResource, credentials: CredentialService, encryption_keys: Mapping[str, EncryptionKey]
) -> APIRouter:
    """The nonce, credential, deferred credential and notification endpoints."""
    router = APIRouter(tags=["OpenID4VCI"])

    @router.post("/nonce", summary="A fresh c_nonce (OpenID4VCI section 7)")
    async def nonce() -> JSONResponse:
        return JSONResponse(create_nonce_response(await credentials.create_nonce()), headers=_NO_STORE)

    @router.post(
        "/credential",
        summary="Credentials (OpenID4VCI section 8)",
        responses=_CREDENTIAL_ERRORS,
        openapi_extra=_body(_PLAIN, ENCRYPTED_MEDIA_TYPE),
    )
    async def credential(request: Request) -> Response:
        authorization = await resource.authorize(request)
        asked = parse_credential_request(await _read(request, encryption_keys))
        return _answer(await credentials.issue(authorization, asked), asked.response_encryption)

    @router.post(
        "/deferred_credential",
        summary="Credentials that had to wait (OpenID4VCI section 9)",
        responses=_CREDENTIAL_ERRORS,
        openapi_extra=_body(_PLAIN, ENCRYPTED_MEDIA_TYPE),
    )
    async def deferred_credential(request: Request) -> Response:
        authorization = await resource.authorize(request)
        asked = parse_deferred_credential_request(await _read(request, encryption_keys))
        return _answer(await credentials.collect(authorization, asked.transaction_id), asked.response_encryption)

    @router.post(
        "/notification",
        status_code=204,
        summary="What became of credentials (OpenID4VCI section 11)",
        responses=_NOTIFICATION_ERRORS,
        openapi_extra=_body(_PLAIN),
    )
    async def notification(request: Request) -> Response:
        authorization = await resource.authorize(request)
        if media_type_of(request) != _PLAIN:
            raise ProtocolError("invalid_notification_request", "A notification is sent as application/json.")
        await credentials.notify(authorization, parse_notification_request(await read_message(request)))
        return Response(status_code=204, headers=_NO_STORE)

    return router


async def _read(request: Request, encryption_keys: Mapping[str, EncryptionKey]) -> bytes:
    """The JSON of a request, plain or encrypted to one of our keys."""
    media_type, body = media_type_of(request), await read_message(request)
    if media_type == ENCRYPTED_MEDIA_TYPE:
        return decrypt_request(body, keys=encryption_keys)
    if media_type != _PLAIN:
        raise ProtocolError("invalid_credential_request", "The request is sent as application/json or application/jwt.")
    return body


def _answer(response: CredentialResponse, encryption: ResponseEncryption | None) -> Response:
    """The answer, encrypted where the wallet asked for that, whatever it is."""
    content, status = create_credential_response(response), 202 if isinstance(response, DeferredIssuance) else 200
    if encryption is None:
        return JSONResponse(content, status, headers=_NO_STORE)
    return Response(encrypt_response(content, encryption), status, media_type=ENCRYPTED_MEDIA_TYPE, headers=_NO_STORE)


def _body(*media_types: str) -> dict[str, Any]:
    content = {each: {"schema": {"type": "object"}} for each in media_types}
    return {"requestBody": {"content": content, "required": True}}
