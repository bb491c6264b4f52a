"""From an offer's address to a wallet: the QR code, and the page behind the https link for whoever has no QR reader."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from issuer.issuance.offers import OfferService
from issuer.issuance.qr import draw_qr_png
from issuer.pages.rendering import language_of, page, redirect_to_language
from issuer.pages.texts import TEXTS
from vc_core.errors import NotFound
from vc_core.protocols.openid4vci.offer import (
    CREDENTIAL_OFFER_ENDPOINT,
    CredentialOfferUri,
    create_credential_offer_link,
)

HANDOVER_PATH = "/offers/open"
_GONE: dict[int | str, dict[str, Any]] = {404: {"description": "not_found: no such offer, or no longer"}}


def create_router(service: OfferService, public_url: str) -> APIRouter:
    """The routes; they must come before the one that takes any last part of an address for an offer's."""
    router = APIRouter(tags=["offers"])

    @router.get(HANDOVER_PATH, summary="A page that hands an offer over to a wallet", responses=_GONE)
    async def open_offer(request: Request, credential_offer_uri: str = "", language: str = "") -> Response:
        prefix, _, reference = credential_offer_uri.rpartition("/")
        if prefix != f"{public_url}/offers":
            raise NotFound("There is no such offer, or no longer.")
        await service.offer(reference)
        uri = CredentialOfferUri(credential_offer_uri)
        here = create_credential_offer_link(uri, endpoint=HANDOVER_PATH)
        if language in TEXTS:
            return redirect_to_language(here, language, secure=public_url.startswith("https:"))
        link, image = create_credential_offer_link(uri), f"/offers/{reference}/qr.png"
        return page("offer.html", language_of(request), here=f"{here}&", link=link, image=image)

    @router.get(
        "/offers/{reference}/qr.png",
        summary="The QR code that a wallet, or with link=universal any camera, scans",
        response_class=Response,
        responses=_GONE | {200: {"content": {"image/png": {}}}},
    )
    async def show_offer_qr(reference: str, link: Literal["wallet", "universal"] = "wallet") -> Response:
        await service.offer(reference)
        endpoint = CREDENTIAL_OFFER_ENDPOINT if link == "wallet" else public_url + HANDOVER_PATH
        text = create_credential_offer_link(CredentialOfferUri(f"{public_url}/offers/{reference}"), endpoint=endpoint)
        image = await asyncio.to_thread(draw_qr_png, text)
        return Response(image, media_type="image/png", headers={"Cache-Control": "no-store"})

    return router
