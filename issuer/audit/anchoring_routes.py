"""`/audit/batches`: what is to be anchored, for officers; `/audit/heads`: what the roots stand for, for auditors."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Query

from issuer.access import OFFICER_ERRORS, OfficeAccess
from issuer.anchoring import BatchAnswer
from issuer.audit.anchoring import AuditAnchoring
from issuer.audit.proof import TREE_SIZE
from issuer.audit.schemas import HeadAnswer, HeadsAnswer

_END_OF_NUMBERS = 2**31 - 1


def create_router(anchoring: AuditAnchoring, office: OfficeAccess) -> APIRouter:
    """The routes of the log's heads."""
    router = APIRouter(prefix="/audit", tags=["audit"], responses=OFFICER_ERRORS)

    @router.post(
        "/batches",
        summary="The root that stands for the audit log, to be written to the ledger",
        dependencies=[Depends(office.officer)],
    )
    async def open_batch() -> BatchAnswer:
        batch = await anchoring.open_batch()
        if batch is None:
            return BatchAnswer(log=anchoring.log.name)
        return BatchAnswer(log=anchoring.log.name, batch=batch.number, root=batch.root, size=TREE_SIZE)

    @router.get("/heads", summary="What the roots on the ledger stand for", dependencies=[Depends(office.auditor)])
    async def list_heads(
        after: int = Query(default=0, ge=0, le=_END_OF_NUMBERS), limit: int = Query(default=500, ge=1, le=1000)
    ) -> HeadsAnswer:
        batches = await anchoring.batches(after=after, limit=limit + 1)
        heads = [
            HeadAnswer(batch=each.number, number=each.line_number, hash=each.line_hash, blind=each.blind)
            for each in batches[:limit]
        ]
        return HeadsAnswer(heads=heads, next=heads[-1].batch if len(batches) > limit else None)

    return router
