"""`POST /appointments` and `POST /appointments/{id}/confirm`."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import SecretStr

from backend.access import require
from backend.appointments.schemas import AppointmentRequest, AppointmentState, RequestedAppointment
from backend.appointments.service import AppointmentService
from backend.schemas import CONFLICT, NOT_FOUND, PROBLEMS, IdempotencyKey, RecordId
from vc_core.web.json_body import StrictJsonRoute


def appointments_router(service: AppointmentService, hospital_token: SecretStr) -> APIRouter:
    """What hospitals' systems call."""
    hospital = Depends(require(hospital_token))
    router = APIRouter(
        route_class=StrictJsonRoute,
        prefix="/appointments",
        tags=["appointments"],
        dependencies=[hospital],
        responses=PROBLEMS,
    )

    @router.post("", status_code=201, summary="Ask for an appointment", responses=CONFLICT)
    async def request_appointment(
        request: AppointmentRequest, idempotency_key: IdempotencyKey = None
    ) -> RequestedAppointment:
        return await service.request(request, key=idempotency_key)

    @router.post(
        "/{appointment_id}/confirm",
        summary="Confirm an appointment, which tells the patient",
        responses={**NOT_FOUND, **CONFLICT},
    )
    async def confirm_appointment(appointment_id: RecordId) -> AppointmentState:
        return await service.confirm(appointment_id)

    return router
