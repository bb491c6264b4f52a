"""`POST /disputes` and `GET /disputes`."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import SecretStr

from backend.access import device_of, has_token, require_either
from backend.devices.models import Device
from backend.disputes.models import Disputed
from backend.disputes.schemas import DisputeRequest, ListedDisputes, RecordedDispute
from backend.disputes.service import DisputeService
from backend.schemas import CONFLICT, NOT_FOUND, PROBLEMS, RecordId
from vc_core.web.database import Database
from vc_core.web.json_body import StrictJsonRoute

BEFORE = Query(default=None, description="The id of the last dispute that was read.")


def disputes_router(
    service: DisputeService, database: Database, *, hospital_token: SecretStr, payer_token: SecretStr
) -> APIRouter:
    """What a patient's device says, and hospitals' and the payer's systems read."""
    router = APIRouter(route_class=StrictJsonRoute, prefix="/disputes", tags=["disputes"], responses=PROBLEMS)
    device_token = Depends(device_of(database))

    @router.post(
        "",
        status_code=201,
        summary="Say that what a message tells of was not the patient",
        responses={**NOT_FOUND, **CONFLICT},
    )
    async def dispute(request: DisputeRequest, response: Response, device: Device = device_token) -> RecordedDispute:
        response.headers["Cache-Control"] = "no-store"
        return await service.dispute(request, device.health_id)

    @router.get(
        "",
        summary="Read disputes: hospitals those of cards shown and claims, the payer those of claims",
        dependencies=[Depends(require_either(hospital_token, payer_token))],
    )
    async def read_disputes(request: Request, response: Response, before: RecordId | None = BEFORE) -> ListedDisputes:
        response.headers["Cache-Control"] = "no-store"
        is_hospital = has_token(request, hospital_token)
        kinds = {Disputed.CLAIM, Disputed.SIGHTING} if is_hospital else {Disputed.CLAIM}
        return await service.read(kinds, before=before)

    return router
