"""`/proposals`: what waits for a second pair of eyes, and deciding on it."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Depends, Query

from issuer.access import OFFICER_ERRORS, OfficeAccess, Principal
from issuer.proposals.models import ProposalState
from issuer.proposals.schemas import ProposalAnswer, ProposalsAnswer, Rejection, proposal_answer
from issuer.proposals.service import ProposalService
from vc_core.errors import NotFound
from vc_core.web.json_body import StrictJsonRoute

_ID = re.compile(r"[0-9a-f]{32}\Z")
_DECIDED: dict[int | str, dict[str, Any]] = OFFICER_ERRORS | {
    401: {"description": "unauthenticated, or insufficient_user_authentication: the passkey is needed once more"},
    403: {"description": "forbidden: it takes another role, or another pair of eyes than that which proposed it"},
    409: {"description": "conflict: it does not wait, or no longer"},
}


def create_router(service: ProposalService, office: OfficeAccess) -> APIRouter:
    """The routes of proposals."""
    router = APIRouter(route_class=StrictJsonRoute, prefix="/proposals", tags=["proposals"])

    @router.get(
        "", summary="Proposals, the newest first", dependencies=[Depends(office.reader)], responses=OFFICER_ERRORS
    )
    async def list_proposals(
        state: ProposalState | None = None, record_id: str = Query(default="", max_length=64, pattern=r"^[^\x00]*$")
    ) -> ProposalsAnswer:
        listed = await service.proposals(state=state, record_id=record_id)
        return ProposalsAnswer(proposals=[proposal_answer(each, service.state_of(each)) for each in listed])

    @router.post("/{proposal_id}/approve", summary="Have done what another proposed", responses=_DECIDED)
    async def approve(proposal_id: str, by: Principal = Depends(office.approver_now)) -> ProposalAnswer:
        done = await service.approve(parse_proposal_id(proposal_id), by)
        return proposal_answer(done, service.state_of(done))

    @router.post("/{proposal_id}/reject", summary="End a proposal", responses=_DECIDED)
    async def reject(
        proposal_id: str, rejection: Rejection, by: Principal = Depends(office.approver)
    ) -> ProposalAnswer:
        ended = await service.reject(parse_proposal_id(proposal_id), by, rejection.note)
        return proposal_answer(ended, service.state_of(ended))

    return router


def parse_proposal_id(text: str) -> str:
    """A proposal's id in an address. Raises `NotFound` where it can be none."""
    if not _ID.match(text):
        raise NotFound("There is no such proposal.")
    return text
