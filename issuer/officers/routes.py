"""`/officers`: who works at the office, for approvers to see to."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from issuer.access import OFFICER_ERRORS, OfficeAccess, Principal
from issuer.officers.models import Officer
from issuer.officers.schemas import (
    ChangedOfficer,
    InvitationAnswer,
    NewOfficer,
    OfficerAnswer,
    OfficersAnswer,
    PrincipalAnswer,
)
from issuer.officers.service import OfficerService
from issuer.proposals.models import ProposalState
from issuer.proposals.schemas import ProposalAnswer, proposal_answer
from vc_core.errors import NotFound
from vc_core.web.json_body import StrictJsonRoute

_ID = re.compile(r"[0-9a-f]{32}\Z")
_FRESH: dict[int | str, dict[str, Any]] = OFFICER_ERRORS | {
    401: {"description": "unauthenticated, or insufficient_user_authentication: the passkey is needed once more"},
    409: {"description": "conflict: this officer is not active, or was changed meanwhile; the same waits already"},
}


def create_router(service: OfficerService, origin: str, office: OfficeAccess) -> APIRouter:
    """The routes of officers; `origin` is where the page is at which invitations are opened."""
    router = APIRouter(route_class=StrictJsonRoute, prefix="/officers", tags=["officers"], responses=_FRESH)

    @router.get("/me", summary="Who asks, and what they may do")
    async def show_me(principal: Principal = Depends(office.reader)) -> PrincipalAnswer:
        return principal_answer(principal)

    @router.get("", summary="Who works or worked here", dependencies=[Depends(office.reader)])
    async def list_officers() -> OfficersAnswer:
        return OfficersAnswer(
            officers=[
                OfficerAnswer(
                    **each.officer.model_dump(exclude={"created_at"}),
                    passkeys=each.passkeys,
                    invited_until=each.invited_until,
                )
                for each in await service.officers()
            ]
        )

    def invitation(invited: tuple[Officer, str, int], response: Response) -> InvitationAnswer:
        officer, code, expires_at = invited
        response.headers["Cache-Control"] = "no-store"
        link = f"{origin}/#invitation={code}"
        return InvitationAnswer(officer_id=officer.id, name=officer.name, link=link, expires_at=expires_at)

    @router.post("", status_code=201, summary="A new officer, and the link by which they make a passkey")
    async def invite_new(
        wanted: NewOfficer, response: Response, by: Principal = Depends(office.approver_now)
    ) -> InvitationAnswer:
        return invitation(await service.invite_new(wanted.name, wanted.roles, by), response)

    @router.post("/{officer_id}/invitations", status_code=201, summary="A link for one more passkey")
    async def invite(
        officer_id: str, response: Response, by: Principal = Depends(office.approver_now)
    ) -> InvitationAnswer:
        return invitation(await service.invite(parse_officer_id(officer_id), by), response)

    @router.patch(
        "/{officer_id}",
        status_code=204,
        summary="Other roles, or no longer (or again) active",
        responses={202: {"model": ProposalAnswer, "description": "It takes four eyes, and waits for an approver"}},
    )
    async def change(officer_id: str, wanted: ChangedOfficer, by: Principal = Depends(office.approver_now)) -> Response:
        proposal = await service.change(parse_officer_id(officer_id), by, roles=wanted.roles, active=wanted.active)
        if proposal is not None and proposal.state == ProposalState.WAITING:
            waiting = proposal_answer(proposal, ProposalState.WAITING)
            return JSONResponse(waiting.model_dump(mode="json"), 202)
        return Response(status_code=204)

    @router.delete("/{officer_id}/passkeys", status_code=204, summary="Forget the passkeys of a lost device")
    async def remove_passkeys(officer_id: str, by: Principal = Depends(office.approver_now)) -> Response:
        await service.remove_passkeys(parse_officer_id(officer_id), by)
        return Response(status_code=204)

    return router


def principal_answer(principal: Principal) -> PrincipalAnswer:
    """Who asks, as the wire has it."""
    return PrincipalAnswer(id=principal.id, name=principal.name, roles=sorted(principal.roles))


def parse_officer_id(text: str) -> str:
    """An officer's id in an address. Raises `NotFound` where it can be none."""
    if not _ID.match(text):
        raise NotFound("There is no such officer.")
    return text
