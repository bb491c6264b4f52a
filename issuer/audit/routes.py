"""`/audit`: the record of what was done, for auditors."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from issuer.access import OFFICER_ERRORS, OfficeAccess
from issuer.audit.repository import AuditFilter
from issuer.audit.schemas import AuditEntryAnswer, AuditPage, ChainAnswer, LedgerProofAnswer
from issuer.audit.service import AuditService
from issuer.audit.verification import AuditVerification

_END_OF_TIME = 2**53
Text = Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$")]
Number = Annotated[int | None, Query(ge=0, le=_END_OF_TIME)]


def create_router(service: AuditService, verification: AuditVerification, office: OfficeAccess) -> APIRouter:
    """The auditors' routes."""
    router = APIRouter(
        prefix="/audit", tags=["audit"], dependencies=[Depends(office.auditor)], responses=OFFICER_ERRORS
    )

    @router.get("", summary="What was done, the newest first")
    async def list_entries(
        principal_id: Text = "",
        action: Text = "",
        record_id: Text = "",
        since: Number = None,
        until: Number = None,
        before: Number = None,
        limit: int = Query(default=50, ge=1, le=200),
    ) -> AuditPage:
        wanted = AuditFilter(principal_id, action, record_id, since, until)
        entries, following = await service.page(wanted, before=before, limit=limit)
        return AuditPage(entries=[AuditEntryAnswer.model_validate(each) for each in entries], next=following)

    @router.get("/verification", summary="Compute the chain of hashes anew, and compare it with the ledger")
    async def verify() -> ChainAnswer:
        state = await verification.verify()
        proof = LedgerProofAnswer(
            log=verification.log.name, anchors=state.anchors, asked=state.asked, **asdict(state.proof)
        )
        return ChainAnswer(
            intact=state.broken_at is None,
            entries=state.entries,
            head=state.head,
            broken_at=state.broken_at,
            ledger=proof,
        )

    return router
