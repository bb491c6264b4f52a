"""`/registry`: what the registry on the ledger says of this issuer, for the office."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from issuer.access import OFFICER_ERRORS, OfficeAccess
from issuer.registry.schemas import RegistryAnswer
from issuer.registry.state import RegistryStateService


def create_router(service: RegistryStateService, office: OfficeAccess) -> APIRouter:
    """The route of the registry's state."""
    router = APIRouter(tags=["registry"], dependencies=[Depends(office.reader)])

    @router.get("/registry", summary="Our DIDs, keys and accreditations, and what to see to", responses=OFFICER_ERRORS)
    async def show_registry() -> RegistryAnswer:
        return RegistryAnswer.model_validate(await service.report())

    return router
