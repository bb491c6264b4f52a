"""`/people/…/sign-in-codes`: one-time codes that officers give to patients, for the authorization page."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from issuer.access import OFFICER_ERRORS, OfficeAccess, Principal
from issuer.authorization.sign_in import SignInService


class SignInCodeAnswer(BaseModel):
    """A one-time code, shown this once, and when it ends (seconds since 1970)."""

    code: str = Field(description="Eight digits")
    expires_at: int


def create_router(sign_in: SignInService, office: OfficeAccess) -> APIRouter:
    """The officer's route."""
    router = APIRouter(tags=["roster"], responses=OFFICER_ERRORS)

    @router.post("/people/{person_id}/sign-in-codes", status_code=201, summary="A one-time code for the patient")
    async def create_code(
        person_id: str, response: Response, by: Principal = Depends(office.officer)
    ) -> SignInCodeAnswer:
        made = await sign_in.create_code(person_id, by)
        response.headers["Cache-Control"] = "no-store"
        return SignInCodeAnswer(code=made.code, expires_at=made.expires_at)

    return router
