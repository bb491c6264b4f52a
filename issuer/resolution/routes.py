"""`/1.0/identifiers/…`: DID resolution over HTTP, answered from the mirrored registry."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from vc_core.errors import NotFound
from vc_core.web.registry import MirroredRegistry

_MEDIA_TYPE = 'application/ld+json;profile="https://w3id.org/did-resolution"'


def create_router(registry: MirroredRegistry) -> APIRouter:
    """The route of DID resolution."""
    router = APIRouter(tags=["DIDs"])

    @router.get(
        "/1.0/identifiers/{did}",
        summary="Resolve a DID of this registry (DID Resolution, HTTP binding)",
        responses={404: {"description": "notFound"}, 410: {"description": "The DID is deactivated"}},
    )
    async def resolve(did: str) -> JSONResponse:
        try:
            document = registry.document(did)
        except NotFound:
            return _answer(404, None, {"error": "notFound"}, {})
        content_type = {"contentType": "application/did+ld+json"}
        if document.deactivated:
            return _answer(410, document.to_json(), content_type, {"deactivated": True})
        return _answer(200, document.to_json(), content_type, {})

    return router


def _answer(
    status: int, document: dict[str, Any] | None, resolution: dict[str, Any], document_metadata: dict[str, Any]
) -> JSONResponse:
    content = {
        "didDocument": document,
        "didResolutionMetadata": resolution,
        "didDocumentMetadata": document_metadata,
    }
    return JSONResponse(content, status, media_type=_MEDIA_TYPE)
