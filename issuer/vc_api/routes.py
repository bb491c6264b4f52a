"""`/vc-api/credentials/…` of the issuer: see docs/vc-api.md.

In the embedded profile it is open to this machine, as those who try things out expect; in production it takes the
officer's token.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from ipaddress import ip_address
from typing import Any, TypeAlias

from fastapi import APIRouter, Depends, Request

from issuer.access import THIS_MACHINE, OfficeAccess, Principal
from issuer.audit.service import AuditService
from issuer.officers.roles import OfficeRole
from issuer.settings import IssuerSettings
from issuer.vc_api.requests import parse_issue_request, parse_status_request
from issuer.vc_api.schemas import ISSUE_BODY, STATUS_BODY, ChangedStatus, IssuedCredential
from issuer.vc_api.service import VcApiService
from issuer.vc_api.statuses import GeneralStatuses
from vc_core.web.json_body import read_json_object

_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "invalid_request: an unknown option, another's name as issuer, or no JSON"},
    401: {"description": "unauthenticated, in production: the officer's bearer token is missing or wrong"},
    403: {"description": "forbidden, in production: it takes the role of an officer"},
    422: {"description": "The credential is not of the data model, or can't be signed as a whole; with a code"},
}


Caller: TypeAlias = Callable[[Request], AsyncIterator[Principal]]
"""A dependency that gives who uses the VC API. Raises `Unauthenticated`, `Forbidden`."""


def vc_api_caller(settings: IssuerSettings, office: OfficeAccess) -> Caller:
    """A dependency that lets officers through, in the embedded profile also everyone on this machine."""

    async def caller(request: Request) -> AsyncIterator[Principal]:
        if settings.profile == "embedded" and _is_this_machine(request):
            yield THIS_MACHINE
            return
        async with office.allowed(request, OfficeRole.OFFICER) as principal:
            yield principal

    return caller


def create_router(service: VcApiService, statuses: GeneralStatuses, audit: AuditService, caller: Caller) -> APIRouter:
    """The routes of the VC API."""
    router = APIRouter(prefix="/vc-api", tags=["VC API"], responses=_REFUSALS)

    @router.post(
        "/credentials/issue", status_code=201, summary="Issue a credential of any type", openapi_extra=ISSUE_BODY
    )
    async def issue(request: Request, by: Principal = Depends(caller)) -> IssuedCredential:
        asked = parse_issue_request(await read_json_object(request))
        if by is not THIS_MACHINE:
            await audit.record(by.id, "vc_api_issue", "", "done")
        return IssuedCredential(verifiable_credential=await service.issue(asked))

    @router.post(
        "/credentials/status",
        summary="Suspend, restore or revoke a credential that was issued here",
        responses={
            404: {"description": "not_found: there is none such with a status for that purpose"},
            409: {"description": "conflict: it is revoked, and that is final"},
        },
        openapi_extra=STATUS_BODY,
    )
    async def change_status(request: Request, by: Principal = Depends(caller)) -> ChangedStatus:
        asked = parse_status_request(await read_json_object(request))
        changed = await statuses.change(asked, by)
        return ChangedStatus(status_purpose=asked.purpose.value, status=asked.is_set, changed=changed)

    return router


def _is_this_machine(request: Request) -> bool:
    return request.client is not None and ip_address(request.client.host).is_loopback
