"""`/status-lists`: how full each list is and what was published of it, for the office."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from issuer.access import OFFICER_ERRORS, OfficeAccess
from issuer.status.overview import ListOverviewService
from issuer.status.overview_schemas import ListsAnswer


def create_router(service: ListOverviewService, office: OfficeAccess) -> APIRouter:
    """The routes of the lists' state."""
    router = APIRouter(prefix="/status-lists", tags=["status"], responses=OFFICER_ERRORS)

    @router.get("", summary="The state of every status list", dependencies=[Depends(office.reader)])
    async def show_lists() -> ListsAnswer:
        return ListsAnswer.model_validate(await service.overview())

    @router.post("/publish", summary="Publish every list that is due now", dependencies=[Depends(office.officer)])
    async def publish() -> ListsAnswer:
        await service.publish()
        return ListsAnswer.model_validate(await service.overview())

    return router
