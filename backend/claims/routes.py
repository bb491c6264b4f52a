"""`POST /claims`, `GET /claims/{id}` and `POST /claims/{id}/approve`."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import SecretStr

from backend.access import require, require_either
from backend.claims.schemas import ClaimRequest, ClaimState, SubmittedClaim
from backend.claims.service import ClaimService
from backend.schemas import CONFLICT, NOT_FOUND, PROBLEMS, IdempotencyKey, RecordId
from vc_core.web.json_body import StrictJsonRoute


def claims_router(service: ClaimService, *, hospital_token: SecretStr, payer_token: SecretStr) -> APIRouter:
    """What hospitals' systems call to submit, and the payer's to approve."""
    router = APIRouter(route_class=StrictJsonRoute, prefix="/claims", tags=["claims"], responses=PROBLEMS)

    @router.post(
        "",
        status_code=201,
        summary="Submit a claim",
        responses=CONFLICT,
        dependencies=[Depends(require(hospital_token))],
    )
    async def submit_claim(request: ClaimRequest, idempotency_key: IdempotencyKey = None) -> SubmittedClaim:
        return await service.submit(request, key=idempotency_key)

    @router.get(
        "/{claim_id}",
        summary="Where a claim stands, and whether the patient disputes it",
        responses=NOT_FOUND,
        dependencies=[Depends(require_either(hospital_token, payer_token))],
    )
    async def read_claim(claim_id: RecordId) -> ClaimState:
        return await service.read(claim_id)

    @router.post(
        "/{claim_id}/approve",
        summary="Approve a claim, which tells the patient",
        responses={**NOT_FOUND, **CONFLICT},
        dependencies=[Depends(require(payer_token))],
    )
    async def approve_claim(claim_id: RecordId) -> ClaimState:
        return await service.approve(claim_id)

    return router
