"""`/officers`: who works at the office."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from issuer.access import OFFICER_ERRORS, OfficeAccess, Principal
from issuer.officers.schemas import PrincipalAnswer


def create_router(office: OfficeAccess) -> APIRouter:
    """The routes of officers."""
    router = APIRouter(prefix="/officers", tags=["officers"], responses=OFFICER_ERRORS)

    @router.get("/me", summary="Who asks, and what they may do")
    async def show_me(principal: Principal = Depends(office.reader)) -> PrincipalAnswer:
        return PrincipalAnswer(id=principal.id, name=principal.name, roles=sorted(principal.roles))

    return router
