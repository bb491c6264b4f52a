"""`/token`: an access token for a code, of either kind, or a refresh token. Errors are OAuth's, nothing is cached."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from issuer.authorization.identifiers import identifiers_by_configuration
from issuer.authorization.proof_headers import read_proofs
from issuer.authorization.requests import AuthorizationRequestService
from issuer.authorization.senders import Sender, SenderService
from issuer.authorization.tokens import TOKEN_LIFETIME, IssuedTokens, TokenService
from issuer.issuance.offers import OfferService
from vc_core.protocols.oauth.token import (
    BEARER,
    DPOP,
    AuthorizationCodeGrant,
    PreAuthorizedCodeGrant,
    RefreshTokenGrant,
    TokenRequest,
    create_token_response,
    parse_token_request,
)
from vc_core.web.forms import read_form

_NO_STORE = {"Cache-Control": "no-store"}
_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "A code of RFC 6749 section 5.2; invalid_dpop_proof, use_dpop_nonce (RFC 9449)"},
    401: {"description": "invalid_client: the wallet attestation or its proof is not good"},
}
_FORM = {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}, "required": True}


def create_router(
    offers: OfferService,
    requests: AuthorizationRequestService,
    tokens: TokenService,
    senders: SenderService,
    public_url: str,
) -> APIRouter:
    """The token endpoint."""
    router = APIRouter(tags=["OAuth"])

    @router.post(
        "/token",
        summary="An access token (OpenID4VCI section 6)",
        responses=_ERRORS,
        openapi_extra={"requestBody": _FORM},
    )
    async def token(request: Request) -> JSONResponse:
        asked = parse_token_request(await read_form(request), credential_issuer=public_url)
        sender = await senders.verify_client(read_proofs(request, public_url), client_id=asked.client_id)
        return JSONResponse(_response(asked, await _issue(asked, sender)), headers=_NO_STORE)

    async def _issue(asked: TokenRequest, sender: Sender) -> IssuedTokens:
        match asked.grant:
            case PreAuthorizedCodeGrant() as grant:
                return await offers.redeem(grant, asked, sender)
            case RefreshTokenGrant(refresh_token):
                return await tokens.refresh(refresh_token, asked, sender)
            case AuthorizationCodeGrant() as grant:
                return await requests.redeem(grant, asked, sender)

    return router


def _response(asked: TokenRequest, issued: IssuedTokens) -> dict[str, Any]:
    identifiers = identifiers_by_configuration(issued.authorization)
    # A configuration's id is its scope, and at the page fewer may have been given than were asked for.
    is_from_page = isinstance(asked.grant, AuthorizationCodeGrant)
    return create_token_response(
        issued.access_token,
        expires_in=TOKEN_LIFETIME,
        token_type=BEARER if issued.dpop_jkt is None else DPOP,
        refresh_token=issued.refresh_token,
        credential_identifiers=identifiers,
        scopes=issued.authorization.configuration_ids if is_from_page and identifiers is None else (),
    )
