"""`/vc-api/…/verify` of the verifier: see docs/vc-api.md. In production it takes the desk token."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from vc_core.errors import InvalidRequest, Rejection
from vc_core.web.json_body import read_json_object
from verifier.access import refuse_cross_site, require_desk
from verifier.settings import VerifierSettings
from verifier.vc_api.answers import (
    CredentialVerification,
    PresentationVerification,
    credential_answer,
    presentation_answer,
    refusal,
)
from verifier.vc_api.requests import parse_verify_request
from verifier.vc_api.service import VcApiService

_PROBLEM = {"application/problem+json": {"schema": {"type": "object"}}}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "Not of the documented form (`invalid_request`)", "content": _PROBLEM},
    401: {
        "description": "unauthenticated, in production: nobody is signed in, and the desk token is missing or not valid"
    },
    413: {"description": "The request is over the limit (`payload_too_large`)"},
    422: {"description": "Not verified: `code` has the reason, one of docs/errors.md's verdicts", "content": _PROBLEM},
}


def vc_api_router(service: VcApiService, settings: VerifierSettings) -> APIRouter:
    """The routes of the VC API."""
    guards = [Depends(require_desk(settings)), Depends(refuse_cross_site(settings))]
    router = APIRouter(prefix="/vc-api", tags=["VC API"], dependencies=guards, responses=_REFUSALS)

    @router.post(
        "/credentials/verify",
        summary="Verify a credential of anybody",
        response_model=CredentialVerification,
        response_model_exclude_none=True,
        openapi_extra=_body("verifiableCredential"),
    )
    async def verify_credential(request: Request, response: Response) -> CredentialVerification | JSONResponse:
        response.headers["Cache-Control"] = "no-store"
        try:
            secured, options = parse_verify_request(await read_json_object(request), "verifiableCredential")
            return credential_answer(await service.verify_credential(secured, options), options)
        except (InvalidRequest, Rejection) as error:
            return refusal(error)

    @router.post(
        "/presentations/verify",
        summary="Verify a presentation of anybody, and the credentials in it",
        response_model=PresentationVerification,
        response_model_exclude_none=True,
        openapi_extra=_body("verifiablePresentation"),
    )
    async def verify_presentation(request: Request, response: Response) -> PresentationVerification | JSONResponse:
        response.headers["Cache-Control"] = "no-store"
        try:
            body = await read_json_object(request)
            secured, options = parse_verify_request(body, "verifiablePresentation", "presentation")
            return presentation_answer(await service.verify_presentation(secured, options), options)
        except (InvalidRequest, Rejection) as error:
            return refusal(error)

    return router


def _body(member: str) -> dict[str, Any]:
    """A body as OpenAPI describes it, which FastAPI does not read itself."""
    texts = {"challenge", "cryptosuite", "domain", "expectedProofPurpose", "verificationMethod"}
    options: dict[str, Any] = {
        "type": "object",
        "properties": {
            **{name: {"type": "string"} for name in sorted(texts)},
            "checks": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Without `status`: it is not asked",
            },
        },
    }
    secured = {"oneOf": [{"type": "object"}, {"type": "string"}], "description": "An object with a proof, or a JWT"}
    schema = {"type": "object", "required": [member], "properties": {member: secured, "options": options}}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
