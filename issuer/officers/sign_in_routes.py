"""`/officers/sign-in`, `/officers/session`, `/officers/invitations`: for whoever is not signed in yet."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from issuer.officers.routes import principal_answer
from issuer.officers.schemas import (
    AcceptedInvitation,
    AcceptInvitation,
    OpenedInvitation,
    OpenInvitation,
    OptionsAnswer,
    PasskeyAnswer,
    PrincipalAnswer,
    SignInWays,
)
from issuer.officers.sign_in import OfficerSignIn
from vc_core.errors import Conflict
from vc_core.web.access import SameSite
from vc_core.web.json_body import StrictJsonRoute
from vc_core.web.sessions import SessionCookie

_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "invalid_request: not of the documented form, or from another site's page"},
    401: {"description": "unauthenticated: the passkey was not accepted"},
    403: {"description": "forbidden: another approver has to admit the passkey first"},
    404: {"description": "not_found: no such invitation, or no longer"},
    409: {"description": "conflict: this address can have no passkeys, or somebody has this passkey already"},
    415: {"description": "unsupported_media_type: the body is not JSON by its media type"},
}


def create_router(
    sign_in: OfficerSignIn, cookie: SessionCookie, same_site: SameSite, *, takes_token: bool
) -> APIRouter:
    """The routes of signing in and out; `takes_token` says whether the page takes the office's token."""
    router = APIRouter(
        route_class=StrictJsonRoute,
        prefix="/officers",
        tags=["officers"],
        dependencies=[Depends(same_site), Depends(_never_cached)],
        responses=_REFUSALS,
    )

    @router.get("/sign-in", summary="How people sign in at the page")
    async def ways() -> SignInWays:
        try:
            sign_in.party()
        except Conflict:
            return SignInWays(passkey=False, token=takes_token)
        return SignInWays(passkey=True, token=takes_token)

    @router.post("/sign-in/options", summary="What to ask navigator.credentials.get for")
    async def options() -> OptionsAnswer:
        return OptionsAnswer(options=await sign_in.options())

    @router.post("/sign-in", summary="Sign in with a passkey, or show it once more")
    async def use_passkey(answer: PasskeyAnswer, request: Request, response: Response) -> PrincipalAnswer:
        signed_in = await sign_in.sign_in(answer.credential, cookie.read(request))
        cookie.set(response, signed_in.secret)
        return principal_answer(signed_in.principal)

    @router.delete("/session", status_code=204, summary="Sign out")
    async def sign_out(request: Request) -> Response:
        secret = cookie.read(request)
        if secret is not None:
            await sign_in.sign_out(secret)
        response = Response(status_code=204)
        cookie.clear(response)
        return response

    @router.post("/invitations/open", summary="Whom an invitation is for, and how to make a passkey")
    async def open_invitation(asked: OpenInvitation) -> OpenedInvitation:
        officer, options = await sign_in.open_invitation(asked.code)
        return OpenedInvitation(name=officer.name, options=options)

    @router.post("/invitations/accept", status_code=201, summary="Keep the passkey that was made, and sign in")
    async def accept_invitation(accepted: AcceptInvitation, response: Response) -> AcceptedInvitation:
        signed_in = await sign_in.accept_invitation(accepted.code, accepted.credential)
        if signed_in is None:
            return AcceptedInvitation(principal=None)
        cookie.set(response, signed_in.secret)
        return AcceptedInvitation(principal=principal_answer(signed_in.principal))

    return router


async def _never_cached(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"
