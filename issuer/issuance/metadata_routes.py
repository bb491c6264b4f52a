"""`/.well-known/…`: what wallets read before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from issuer.issuance.metadata import MetadataService
from vc_core.protocols.openid4vci.signed_metadata import SIGNED_METADATA_MEDIA_TYPE
from vc_core.web.accept import negotiated

_CACHED = {"Cache-Control": "max-age=300"}
_PLAIN = "application/json"


def create_router(metadata: MetadataService, server_metadata: Callable[[], dict[str, Any]]) -> APIRouter:
    """The two metadata documents, as they are at the time of asking."""
    router = APIRouter(tags=["OpenID4VCI"])

    @router.get(
        "/.well-known/openid-credential-issuer",
        summary="Issuer metadata (OpenID4VCI section 12.2), signed for who asks for application/jwt",
        responses={200: {"content": {_PLAIN: {}, SIGNED_METADATA_MEDIA_TYPE: {}}}},
    )
    async def credential_issuer(request: Request) -> Response:
        headers = _CACHED | {"Vary": "Accept"}
        offered = (_PLAIN, SIGNED_METADATA_MEDIA_TYPE)
        if negotiated(request.headers.get("accept", ""), offered) == SIGNED_METADATA_MEDIA_TYPE:
            return Response(await metadata.signed(), media_type=SIGNED_METADATA_MEDIA_TYPE, headers=headers)
        return JSONResponse(metadata.document(), headers=headers)

    @router.get("/.well-known/oauth-authorization-server", summary="Authorization server metadata (RFC 8414)")
    async def authorization_server() -> JSONResponse:
        return JSONResponse(server_metadata(), headers=_CACHED)

    return router
