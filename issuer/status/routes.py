"""`/status/…`: the published lists, for everyone; `/people/…/status`: changing a status, for officers."""

from __future__ import annotations

import re

from fastapi import APIRouter, Depends, Request, Response

from issuer.access import OFFICER_ERRORS, Officer
from issuer.status.schemas import StatusAnswer, StatusChange, StatusListAggregation
from issuer.status.service import StatusService
from vc_core.errors import NotFound

_LIST_ID = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
_MEDIA_TYPE = "application/statuslist+jwt"


def create_router(service: StatusService, officer: Officer) -> APIRouter:
    """The routes of statuses."""
    router = APIRouter(tags=["status"])

    @router.get("/status", summary="The addresses of all status lists (Token Status List section 9)")
    async def aggregation() -> StatusListAggregation:
        return StatusListAggregation(status_lists=await service.list_uris())

    @router.get(
        "/status/{list_id}",
        summary="A status list token (Token Status List section 8)",
        response_class=Response,
        responses={
            200: {"content": {_MEDIA_TYPE: {"schema": {"type": "string"}}}},
            304: {"description": "The copy that If-None-Match names is the newest"},
            404: {"description": "not_found"},
        },
    )
    async def status_list(list_id: str, request: Request) -> Response:
        if not _LIST_ID.match(list_id):
            raise NotFound("There is no such status list.")
        newest = await service.current_list(list_id)
        etag = f'"{newest.version}"'
        headers = {"ETag": etag, "Cache-Control": f"max-age={service.time_to_live}"}
        if _names(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
        return Response(newest.token, media_type=_MEDIA_TYPE, headers=headers)

    @router.post(
        "/people/{person_id}/status",
        summary="Suspend, revoke or restore a person's credentials of one type",
        dependencies=[Depends(officer)],
        responses=OFFICER_ERRORS | {409: {"description": "conflict: they are revoked, and that is final"}},
    )
    async def change_status(person_id: str, change: StatusChange) -> StatusAnswer:
        changed = await service.change(person_id, change.credential_type, change.status.status)
        return StatusAnswer(credential_type=change.credential_type, status=change.status, changed=changed)

    return router


def _names(if_none_match: str, etag: str) -> bool:
    """Whether the header names this version (RFC 9110 section 13.1.2, weak comparison)."""
    names = [name.strip().removeprefix("W/") for name in if_none_match.split(",")]
    return etag in names or names == ["*"]
