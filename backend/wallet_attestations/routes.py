"""`POST /wallet-attestations` and `POST /key-attestations`: for any wallet, before it knows anything of its holder."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from backend.schemas import PROBLEMS
from backend.wallet_attestations.schemas import IssuedKeyAttestation, IssuedWalletAttestation, KeyAttestationRequest
from backend.wallet_attestations.service import WALLET_ATTESTATIONS_PATH, WalletAttestationService
from vc_core.errors import InvalidRequest
from vc_core.protocols.oauth.dpop import DPOP_HEADER
from vc_core.web.json_body import StrictJsonRoute


def wallet_attestations_router(service: WalletAttestationService) -> APIRouter:
    """What wallets ask the wallet provider for."""
    router = APIRouter(
        route_class=StrictJsonRoute, tags=["wallet attestation"], responses={400: PROBLEMS[400], 413: PROBLEMS[413]}
    )

    @router.post(
        WALLET_ATTESTATIONS_PATH,
        status_code=201,
        summary="An attestation of the wallet, for the key of its DPoP proof",
        openapi_extra={
            "parameters": [{"name": DPOP_HEADER, "in": "header", "required": True, "schema": {"type": "string"}}]
        },
    )
    async def attest_wallet(request: Request, response: Response) -> IssuedWalletAttestation:
        proofs = request.headers.getlist(DPOP_HEADER)
        if len(proofs) != 1:
            raise InvalidRequest("Exactly one DPoP header is needed.")
        response.headers["Cache-Control"] = "no-store"
        return service.attest_wallet(proofs[0])

    @router.post("/key-attestations", status_code=201, summary="An attestation of keys, for one issuer")
    async def attest_keys(asked: KeyAttestationRequest, response: Response) -> IssuedKeyAttestation:
        response.headers["Cache-Control"] = "no-store"
        return service.attest_keys(asked.proofs, nonce=asked.nonce)

    return router
