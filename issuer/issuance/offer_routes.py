"""`/offers`: made by officers, fetched by whoever was shown the address."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from issuer.access import OFFICER_ERRORS, Officer
from issuer.issuance.offers import OfferService
from issuer.issuance.qr import draw_qr_png
from issuer.issuance.schemas import OfferAnswer, OfferOrder
from vc_core.errors import InvalidRequest
from vc_core.protocols.openid4vci.offer import CredentialOfferUri, create_credential_offer, create_credential_offer_link

_NO_STORE = {"Cache-Control": "no-store"}
_GONE: dict[int | str, dict[str, Any]] = {404: {"description": "not_found: no such offer, or no longer"}}


def create_router(service: OfferService, officer: Officer, public_url: str) -> APIRouter:
    """The routes of offers."""
    router = APIRouter(tags=["offers"])

    def offer_uri(reference: str) -> str:
        return f"{public_url}/offers/{reference}"

    @router.post(
        "/offers",
        status_code=201,
        summary="Offer credentials to a person",
        dependencies=[Depends(officer)],
        responses=OFFICER_ERRORS,
    )
    async def make_offer(order: OfferOrder, response: Response) -> OfferAnswer:
        if order.tx_code_delivery == "sms":
            raise InvalidRequest("No SMS service is set up; hand the code over in person.")
        offer = await service.create(
            order.person_id,
            order.credential_configuration_ids,
            order.claims,
            needs_approval=order.needs_approval,
        )
        response.headers.update(_NO_STORE)
        uri = offer_uri(offer.reference)
        return OfferAnswer(
            credential_offer_uri=uri,
            offer_link=create_credential_offer_link(CredentialOfferUri(uri)),
            tx_code=offer.tx_code,
            expires_at=offer.expires_at,
        )

    @router.get("/offers/{reference}", summary="A credential offer (OpenID4VCI section 4.1)", responses=_GONE)
    async def show_offer(reference: str) -> JSONResponse:
        offer = await service.offer(reference)
        return JSONResponse(create_credential_offer(offer), headers=_NO_STORE)

    @router.get(
        "/offers/{reference}/qr.png",
        summary="The QR code that a wallet scans",
        response_class=Response,
        responses=_GONE | {200: {"content": {"image/png": {}}}},
    )
    async def show_offer_qr(reference: str) -> Response:
        await service.offer(reference)
        link = create_credential_offer_link(CredentialOfferUri(offer_uri(reference)))
        return Response(await asyncio.to_thread(draw_qr_png, link), media_type="image/png", headers=_NO_STORE)

    return router
