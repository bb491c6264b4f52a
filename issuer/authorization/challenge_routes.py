"""`/challenge`: what the proof of a wallet attestation has to contain."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from issuer.authorization.server_nonces import Purpose, ServerNonces
from vc_core.protocols.oauth.client_attestation import create_challenge_response


def create_router(nonces: ServerNonces) -> APIRouter:
    """The challenge endpoint."""
    router = APIRouter(tags=["OAuth"])

    @router.post("/challenge", summary="A challenge for a wallet's proof (attestation-based client authentication, 8)")
    async def challenge() -> JSONResponse:
        content = create_challenge_response(await nonces.create(Purpose.ATTESTATION))
        return JSONResponse(content, headers={"Cache-Control": "no-store"})

    return router
