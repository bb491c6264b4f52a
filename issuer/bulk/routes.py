"""`/renewals`: where a wallet asks whether its credential was renewed."""

from __future__ import annotations

from fastapi import APIRouter, Response

from issuer.bulk.pickup import PickupService
from issuer.bulk.schemas import RenewalAnswer, RenewalRequest
from vc_core.web.json_body import StrictJsonRoute


def create_router(service: PickupService) -> APIRouter:
    """The routes for wallets."""
    router = APIRouter(route_class=StrictJsonRoute, tags=["Renewal"])

    @router.post(
        "/renewals",
        summary="The credentials that were renewed for a wallet's key",
        responses={400: {"description": "invalid_proof or invalid_nonce, as OAuth errors; invalid_request"}},
    )
    async def renewals(request: RenewalRequest, response: Response) -> RenewalAnswer:
        response.headers["Cache-Control"] = "no-store"
        return RenewalAnswer(credentials=await service.fetch(request.proof))

    return router
