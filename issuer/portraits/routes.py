"""`/people/{person_id}/portrait`: a person's photo, for the office."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from issuer.access import OFFICER_ERRORS, OfficeAccess, Principal
from issuer.portraits.service import PortraitService

_PICTURE = {"schema": {"type": "string", "format": "binary"}}
_TAKEN = dict.fromkeys(("image/jpeg", "image/png", "image/webp"), _PICTURE)


def create_router(service: PortraitService, office: OfficeAccess) -> APIRouter:
    """The portraits' routes."""
    router = APIRouter(prefix="/people/{person_id}/portrait", tags=["roster"], responses=OFFICER_ERRORS)

    @router.get(
        "",
        summary="Show a person's photo",
        response_class=Response,
        responses={200: {"content": {"image/jpeg": _PICTURE}, "description": "At most 160 by 200 pixels and 4 KiB"}},
        dependencies=[Depends(office.reader)],
    )
    async def show(person_id: str) -> Response:
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return Response(await service.load(person_id), media_type="image/jpeg", headers=headers)

    @router.put(
        "",
        status_code=204,
        summary="Add a person's photo, or replace it",
        description="The body is a JPEG, PNG or WebP, up to 256 KiB and four megapixels. It is cut to four by five and "
        "written anew, small enough for a health ID, which has it from then on; credentials that are out, or wait for "
        "their wallets, keep what they have until the person's are renewed.",
        openapi_extra={"requestBody": {"content": _TAKEN, "required": True}},
    )
    async def replace(person_id: str, request: Request, by: Principal = Depends(office.officer)) -> None:
        await service.replace(person_id, await request.body(), by)

    @router.delete(
        "",
        status_code=204,
        summary="Remove a person's photo",
        description="Credentials that are out, or wait for their wallets, keep it until the person's are renewed: then "
        "what waited with it is handed out no more.",
    )
    async def remove(person_id: str, by: Principal = Depends(office.officer)) -> None:
        await service.remove(person_id, by)

    return router
