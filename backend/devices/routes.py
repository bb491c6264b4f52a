"""`POST /device-challenges`, `POST /devices`, `PUT /devices/{id}/push` and `DELETE /devices/{id}`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Response

from backend.access import device_of
from backend.devices.models import Device
from backend.devices.schemas import Challenge, DeviceRegistration, PushChoice, RegisteredDevice
from backend.devices.service import DeviceService
from backend.schemas import CONFLICT, NOT_FOUND, PROBLEMS, TOO_MANY
from vc_core.web.database import Database
from vc_core.web.json_body import StrictJsonRoute

_REJECTED: dict[int | str, dict[str, Any]] = {
    422: {"description": "The presentation must not be trusted; `code` is the reason code."}
}


def devices_router(service: DeviceService, database: Database) -> APIRouter:
    """What wallets call about their device."""
    router = APIRouter(route_class=StrictJsonRoute, tags=["devices"], responses=PROBLEMS)
    device_token = Depends(device_of(database))

    @router.post("/device-challenges", status_code=201, summary="Ask for a nonce to present the health ID with")
    async def create_challenge(response: Response) -> Challenge:
        response.headers["Cache-Control"] = "no-store"
        return await service.create_challenge()

    @router.post(
        "/devices", status_code=201, summary="Register this device", responses={**_REJECTED, **CONFLICT, **TOO_MANY}
    )
    async def register_device(registration: DeviceRegistration, response: Response) -> RegisteredDevice:
        response.headers["Cache-Control"] = "no-store"
        return await service.register(registration)

    @router.put(
        "/devices/{device_id}/push",
        status_code=204,
        summary="Say where pushes go from now on",
        responses={**NOT_FOUND, **CONFLICT},
    )
    async def choose_push(device_id: str, choice: PushChoice, device: Device = device_token) -> None:
        await service.choose_push(device_id, choice, device)

    @router.delete("/devices/{device_id}", status_code=204, summary="Log this device out", responses=NOT_FOUND)
    async def delete_device(device_id: str, device: Device = device_token) -> None:
        await service.delete(device_id, device)

    return router
