"""`POST /sightings`."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import SecretStr

from backend.access import require
from backend.schemas import CONFLICT, PROBLEMS, IdempotencyKey
from backend.sightings.schemas import ReportedSighting, SightingReport
from backend.sightings.service import SightingService
from vc_core.web.json_body import StrictJsonRoute


def sightings_router(service: SightingService, hospital_token: SecretStr) -> APIRouter:
    """What hospitals' verifiers call after they accepted a card."""
    router = APIRouter(route_class=StrictJsonRoute, prefix="/sightings", tags=["sightings"], responses=PROBLEMS)

    @router.post(
        "",
        status_code=201,
        summary="Say that a card was seen, which tells the patient",
        responses=CONFLICT,
        dependencies=[Depends(require(hospital_token))],
    )
    async def report_sighting(report: SightingReport, idempotency_key: IdempotencyKey = None) -> ReportedSighting:
        return await service.report(report, key=idempotency_key)

    return router
