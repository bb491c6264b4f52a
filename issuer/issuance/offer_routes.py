"""`/offers`: made by officers, fetched by whoever was shown the address."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from issuer.access import OFFICER_ERRORS, OfficeAccess, Principal
from issuer.authorization.sign_in import SignInService
from issuer.issuance.handover_routes import HANDOVER_PATH
from issuer.issuance.offers import NewOffer, OfferService, OfferTerms
from issuer.issuance.schemas import OfferAnswer, OfferOrder, OfferProgressAnswer
from vc_core.protocols.openid4vci.offer import (
    CredentialOfferUri,
    TxCode,
    create_credential_offer,
    create_credential_offer_link,
)
from vc_core.web.json_body import StrictJsonRoute

_NO_STORE = {"Cache-Control": "no-store"}
_GONE: dict[int | str, dict[str, Any]] = {404: {"description": "not_found: no such offer, or no longer"}}


def create_router(service: OfferService, sign_in: SignInService, office: OfficeAccess, public_url: str) -> APIRouter:
    """The routes of offers."""
    router = APIRouter(route_class=StrictJsonRoute, tags=["offers"])

    @router.post(
        "/offers",
        status_code=201,
        summary="Offer credentials to a person",
        responses=OFFICER_ERRORS,
        response_model_exclude_none=True,
    )
    async def make_offer(order: OfferOrder, response: Response, by: Principal = Depends(office.officer)) -> OfferAnswer:
        by_sms = order.tx_code_delivery == "sms"
        if by_sms:
            await sign_in.check_can_send(order.person_id)
        made = await service.create(order.person_id, _terms(order, service.grants[:1]), by)
        if by_sms and made.tx_code is not None:
            await sign_in.send_tx_code(made.person, made.tx_code)
        response.headers.update(_NO_STORE)
        return answer(made, shows_tx_code=not by_sms)

    def answer(made: NewOffer, *, shows_tx_code: bool) -> OfferAnswer:
        uri = CredentialOfferUri(f"{public_url}/offers/{made.reference}")
        return OfferAnswer(
            credential_offer_uri=uri.uri,
            offer_link=create_credential_offer_link(uri),
            offer_link_by_value=create_credential_offer_link(made.offer),
            universal_link=create_credential_offer_link(uri, endpoint=public_url + HANDOVER_PATH),
            tx_code=made.tx_code if shows_tx_code else None,
            expires_at=made.expires_at,
        )

    @router.get("/offers/{reference}", summary="A credential offer (OpenID4VCI section 4.1)", responses=_GONE)
    async def show_offer(reference: str) -> JSONResponse:
        offer = await service.offer(reference)
        return JSONResponse(create_credential_offer(offer), headers=_NO_STORE)

    @router.get(
        "/offers/{reference}/progress",
        summary="How far a wallet is with an offer",
        dependencies=[Depends(office.reader)],
        responses=OFFICER_ERRORS,
    )
    async def show_progress(reference: str, response: Response) -> OfferProgressAnswer:
        response.headers.update(_NO_STORE)
        return OfferProgressAnswer(progress=await service.progress(reference))

    return router


def _terms(order: OfferOrder, usual_grants: tuple[str, ...]) -> OfferTerms:
    tx_code = TxCode(order.tx_code.input_mode, order.tx_code.length, order.tx_code.description)
    return OfferTerms(
        order.credential_configuration_ids,
        order.claims,
        tuple(order.grants or usual_grants),
        None if order.tx_code_delivery == "none" else tx_code,
        order.needs_approval,
    )
