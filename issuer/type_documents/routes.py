"""`/contexts/…`, `/schemas/…`, `/vct/…`: public, the same for everyone, and good to keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from issuer.type_documents.documents import Document
from vc_core.errors import NotFound
from vc_core.web.caching import has_copy

_HEADERS = {
    "Cache-Control": "public, max-age=3600",
    "Access-Control-Allow-Origin": "*",  # wallets in browsers read them, and there is nothing to protect
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    304: {"description": "The copy that If-None-Match names is the newest"},
    404: {"description": "not_found"},
}


def create_router(documents: Mapping[str, Document]) -> APIRouter:
    """The routes of the documents."""
    router = APIRouter(tags=["credential types"], responses=_ANSWERS)

    def answer(path: str, request: Request) -> Response:
        document = documents.get(path)
        if document is None:
            raise NotFound("There is no such credential type, or no such version of it.")
        headers = _HEADERS | {"ETag": document.etag}
        if has_copy(request, document.etag):
            return Response(status_code=304, headers=headers)
        return Response(document.content, media_type=document.media_type, headers=headers)

    @router.get("/contexts/{name}/{version}", summary="JSON-LD context of a credential type", response_class=Response)
    async def context(name: str, version: str, request: Request) -> Response:
        return answer(f"contexts/{name}/{version}", request)

    @router.get("/schemas/{name}/{version}", summary="JSON Schema of its claims", response_class=Response)
    async def schema(name: str, version: str, request: Request) -> Response:
        return answer(f"schemas/{name}/{version}", request)

    @router.get("/vct/{vct}", summary="SD-JWT VC type metadata", response_class=Response)
    async def type_metadata(vct: str, request: Request) -> Response:
        return answer(f"vct/{vct}", request)

    return router
