"""`/1.0/identifiers/…`: DID resolution over HTTP, as in DID Resolution 1.0 section 12.1 and the Universal Resolver."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse

from issuer.resolution.accept import DOCUMENT_TYPES, LEGACY_RESULT, RESULT, negotiated
from vc_core.did.document import KeyFormat
from vc_core.did.resolution import (
    DidResolution,
    ResolutionError,
    ResolutionFailed,
    parse_resolution_options,
)
from vc_core.did.resolver import DidResolver

_PATH = "/1.0/identifiers/"
_HTTP_STATUS = {
    ResolutionError.INVALID_DID: HTTPStatus.BAD_REQUEST,
    ResolutionError.INVALID_OPTIONS: HTTPStatus.BAD_REQUEST,
    ResolutionError.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ResolutionError.REPRESENTATION_NOT_SUPPORTED: HTTPStatus.NOT_ACCEPTABLE,
    ResolutionError.INVALID_DID_DOCUMENT: HTTPStatus.INTERNAL_SERVER_ERROR,
    ResolutionError.METHOD_NOT_SUPPORTED: HTTPStatus.NOT_IMPLEMENTED,
    ResolutionError.FEATURE_NOT_SUPPORTED: HTTPStatus.NOT_IMPLEMENTED,
    ResolutionError.INTERNAL_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The resolution's result, or the document alone where that is asked for",
        "content": {name: {"schema": {"type": "object"}} for name in (RESULT, LEGACY_RESULT, *DOCUMENT_TYPES)},
    },
    400: {"description": "INVALID_DID or INVALID_OPTIONS"},
    404: {"description": "NOT_FOUND"},
    406: {"description": "REPRESENTATION_NOT_SUPPORTED"},
    410: {"description": "The DID is deactivated; the result says since when"},
    500: {"description": "INVALID_DID_DOCUMENT or INTERNAL_ERROR"},
    501: {"description": "METHOD_NOT_SUPPORTED or FEATURE_NOT_SUPPORTED"},
}


def _parameter(name: str, description: str, place: str = "query", **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "description": description, "schema": {"type": "string"} | schema}


_PARAMETERS = [
    _parameter("Accept", "The whole result, or the document alone", "header", enum=[RESULT, *DOCUMENT_TYPES]),
    _parameter("versionId", "did:ethr only: the number of a block"),
    _parameter("versionTime", "did:ethr only: a time in UTC, to the second", format="date-time"),
    _parameter("publicKeyFormat", "How keys are written", enum=[str(each) for each in KeyFormat]),
    _parameter("expandRelativeUrls", "DID URLs in a document are absolute either way", enum=["true", "false"]),
]


def create_router(resolver: DidResolver) -> APIRouter:
    """The route of DID resolution."""
    router = APIRouter(tags=["DIDs"])

    @router.get(
        _PATH + "{did:path}",
        summary="Resolve a DID",
        response_class=JSONResponse,
        responses=_RESPONSES,
        openapi_extra={"parameters": _PARAMETERS},
    )
    async def resolve(
        request: Request, did: Annotated[str, Path(description="A DID; percent-encoded where options follow")]
    ) -> JSONResponse:
        wanted = negotiated(",".join(request.headers.getlist("accept")))
        if wanted is None:
            unsupported = ResolutionError.REPRESENTATION_NOT_SUPPORTED
            return _answer(DidResolution(error=unsupported, detail="There is no such representation here."), RESULT)
        return _answer(await _resolve(resolver, request, did), wanted)

    return router


async def _resolve(resolver: DidResolver, request: Request, decoded: str) -> DidResolution:
    try:
        given = request.query_params.multi_items()
        if len(dict(given)) != len(given):
            raise ResolutionFailed(ResolutionError.INVALID_OPTIONS, "An option is given twice.")
        options = parse_resolution_options(dict(given))
    except ResolutionFailed as failure:
        return DidResolution(error=failure.error, detail=failure.detail)
    return await resolver.resolve(_did_of(request, decoded), options)


def _did_of(request: Request, decoded: str) -> str:
    """The DID that the path names.

    A client may append a DID as it is, or percent-encode it. A did:web with a port has a `%3A` of its own, so a path
    that begins with `did:` is taken as it stands, and one that begins otherwise is decoded, once.
    """
    raw = request.scope.get("raw_path", b"").decode("latin-1").rpartition(_PATH)[2]
    return raw if raw.startswith("did:") else unquote(raw) if raw else decoded


def _answer(result: DidResolution, media_type: str) -> JSONResponse:
    deactivated = result.document is not None and result.document.deactivated
    status = HTTPStatus.GONE if deactivated else HTTPStatus.OK
    if result.error is not None:
        status = _HTTP_STATUS[result.error]
    headers = {"Vary": "Accept"}
    if result.document is not None and not deactivated and media_type in DOCUMENT_TYPES:
        document = result.document.to_json(linked_data=DOCUMENT_TYPES[media_type])
        return JSONResponse(document, status, headers=headers, media_type=media_type)
    if media_type == LEGACY_RESULT:
        context = {"@context": "https://w3id.org/did-resolution/v1"}
        return JSONResponse(context | result.to_json(keywords=True), status, headers=headers, media_type=media_type)
    return JSONResponse(
        result.to_json(),
        status,
        headers=headers,
        media_type=RESULT if media_type in DOCUMENT_TYPES else media_type,
    )
