"""`GET /desk/texts` and `GET /desk/state`: what the application in `web/desk` shows, beside verdicts.

Neither holds anything of a patient or of the staff: the application shows them before anyone has signed in.
"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response

from vc_core.clock import Clock
from vc_core.trust import TrustSource
from verifier.checks.service import create_policy
from verifier.desk.schemas import DeskState, DeskTexts
from verifier.desk.words import create_texts
from verifier.settings import VerifierSettings


def app_router(trust: TrustSource, settings: VerifierSettings, clock: Clock) -> APIRouter:
    """The routes, for the desk whose settings these are; `trust` is what it knows of the registry."""
    router = APIRouter(prefix="/desk", tags=["desk"])
    max_trust_age = create_policy(settings).max_trust_age

    @router.get("/texts", summary="Reasons, next actions and labels of credentials, in a language")
    async def texts(language: Literal["th", "en", "my", "lo", "km"], response: Response) -> DeskTexts:
        response.headers["Cache-Control"] = "no-cache"
        return create_texts(language)

    @router.get("/state", summary="Whose desk this is, and how old what it knows of issuers is")
    async def state(response: Response) -> DeskState:
        response.headers["Cache-Control"] = "no-store"
        age = max(0, clock() - trust.synced_at) if trust.synced_at else None
        return DeskState(
            facility_name=settings.facility_name,
            hospital_code=settings.hospital_code,
            trust_seconds=age,
            max_trust_seconds=max_trust_age,
        )

    return router
