"""`/credential-sets`: what wallets asked for and what became of it, for officers, who decide on what waits."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict

from issuer.access import OFFICER_ERRORS, OfficeAccess, Principal
from issuer.issuance.approvals import ApprovalService, ListedSet
from issuer.issuance.models import SetState
from vc_core.errors import NotFound
from vc_core.web.json_body import StrictJsonRoute

_SET_ID = re.compile(r"[0-9a-f]{32}\Z")
_DECIDED: dict[int | str, dict[str, Any]] = OFFICER_ERRORS | {409: {"description": "conflict: it does not wait"}}


class RefusalReason(StrEnum):
    """Why an officer refuses; the wallet is only told that they did."""

    NOT_ENTITLED = "not_entitled"
    DOCUMENTS_MISSING = "documents_missing"
    IDENTITY_UNCLEAR = "identity_unclear"
    OTHER = "other"


class Refusal(BaseModel):
    """A refusal, which is final."""

    model_config = ConfigDict(extra="forbid")

    reason: RefusalReason


class ToldEvent(BaseModel):
    """What a wallet told of a set (OpenID4VCI section 11.1), and when that came, in seconds since 1970."""

    event: str
    received_at: int


class SetAnswer(BaseModel):
    """A set of credentials, `credentials` in number; times in seconds since 1970.

    `claims` are those that an officer stated, as long as they are kept. `reason` is why it was refused: one of an
    officer's, or `expired` where nobody decided or fetched it in time.
    """

    id: str
    person_id: str
    credential_configuration_id: str
    credentials: int
    claims: dict[str, Any] | None
    state: SetState
    reason: str | None
    created_at: int
    decided_at: int | None
    collected_at: int | None
    events: list[ToldEvent]


class SetsAnswer(BaseModel):
    """The newest sets first."""

    credential_sets: list[SetAnswer]


def create_router(service: ApprovalService, office: OfficeAccess) -> APIRouter:
    """The officers' routes of credential sets."""
    router = APIRouter(
        route_class=StrictJsonRoute,
        prefix="/credential-sets",
        tags=["credential sets"],
    )

    @router.get(
        "",
        summary="What wallets asked for, the newest first",
        dependencies=[Depends(office.reader)],
        responses=OFFICER_ERRORS,
    )
    async def list_sets(
        state: SetState | None = None, person_id: str | None = Query(default=None, max_length=32, pattern=r"^[^\x00]*$")
    ) -> SetsAnswer:
        listed = await service.sets(state=state, person_id=person_id)
        return SetsAnswer(credential_sets=[_answer(each) for each in listed])

    @router.post(
        "/{set_id}/approve",
        status_code=204,
        summary="Let a waiting set be issued",
        responses=_DECIDED,
    )
    async def approve(set_id: str, by: Principal = Depends(office.approver)) -> Response:
        await service.decide(parse_set_id(set_id), SetState.APPROVED, by)
        return Response(status_code=204)

    @router.post(
        "/{set_id}/refuse",
        status_code=204,
        summary="Refuse a waiting set",
        responses=_DECIDED,
    )
    async def refuse(set_id: str, refusal: Refusal, by: Principal = Depends(office.approver)) -> Response:
        await service.decide(parse_set_id(set_id), SetState.REFUSED, by, reason=refusal.reason)
        return Response(status_code=204)

    return router


def parse_set_id(text: str) -> str:
    """A set's id in an address. Raises `NotFound` where it can be none."""
    if not _SET_ID.match(text):
        raise NotFound("There is no such set of credentials.")
    return text


def _answer(listed: ListedSet) -> SetAnswer:
    found = listed.credential_set
    return SetAnswer(
        id=found.id,
        person_id=found.person_id,
        credential_configuration_id=found.configuration_id,
        credentials=len(found.holders),
        claims=found.claims,
        state=SetState(found.state),
        reason=found.reason,
        created_at=found.created_at,
        decided_at=found.decided_at,
        collected_at=found.collected_at,
        events=[ToldEvent(event=each.event, received_at=each.received_at) for each in listed.notifications],
    )
