"""`GET /push-services`, `GET /inbox` and `GET /inbox/{id}`."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Query, Response

from backend.access import device_of
from backend.devices.models import Device
from backend.notifications.schemas import FcmWebService, Message, Messages, PushServicesAnswer, WebPushService
from backend.notifications.service import InboxService
from backend.schemas import NOT_FOUND, PROBLEMS, RecordId
from vc_core.web.database import Database

AFTER = Query(default=None, description="The id of the last message that the wallet has.")


def push_services_router(application_server_key: str | None, fcm_web: FcmWebService | None) -> APIRouter:
    """How wallets can be reached; what is in it is public."""
    router = APIRouter(tags=["inbox"])
    web_push = None if application_server_key is None else WebPushService(application_server_key=application_server_key)

    @router.get("/push-services", summary="By which push services wallets can be reached")
    async def push_services(response: Response) -> PushServicesAnswer:
        response.headers["Cache-Control"] = "no-cache"
        return PushServicesAnswer(fcm_web=fcm_web, web_push=web_push)

    return router


def inbox_router(service: InboxService, database: Database) -> APIRouter:
    """The inbox of the patient whose device asks."""
    router = APIRouter(prefix="/inbox", tags=["inbox"], responses=PROBLEMS)
    device_token = Depends(device_of(database))

    @router.get("", summary="Read the inbox, or what is new in it")
    async def read_inbox(response: Response, after: RecordId | None = AFTER, device: Device = device_token) -> Messages:
        response.headers["Cache-Control"] = "no-store"
        return Messages(messages=await service.read_messages(device.health_id, after=after))

    @router.get("/{message_id}", summary="Open one message", responses=NOT_FOUND)
    async def open_message(message_id: RecordId, response: Response, device: Device = device_token) -> Message:
        response.headers["Cache-Control"] = "no-store"
        return await service.open_message(message_id, device.health_id)

    return router
