"""The API of the staff: signing in and out, invitations, and who works here."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from vc_core.errors import Unauthenticated
from vc_core.web.json_body import StrictJsonRoute
from verifier.access import manager_of, refuse_cross_site, session_cookie
from verifier.settings import VerifierSettings
from verifier.staff.schemas import (
    AcceptInvitation,
    ChangedMember,
    InvitationAnswer,
    ListedMember,
    MemberAnswer,
    MembersAnswer,
    NewMember,
    OpenedInvitation,
    OpenInvitation,
    OptionsAnswer,
    SessionAnswer,
    SignIn,
)
from verifier.staff.service import NewSession, SignedIn, StaffService, describe

_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "Not of the documented form, or from another site's page (`invalid_request`)."},
    401: {
        "description": "Nobody is signed in, the passkey was not accepted (`unauthenticated`), or it is needed once "
        "more (`insufficient_user_authentication`)."
    },
    403: {"description": "Only a supervisor may do this (`forbidden`)."},
    404: {"description": "There is no such member, or the invitation is no longer there (`not_found`)."},
    409: {"description": "The address of this desk can have no passkeys, or the member is not active (`conflict`)."},
    415: {"description": "The body is not JSON by its media type (`unsupported_media_type`)."},
}


def staff_router(service: StaffService, settings: VerifierSettings) -> APIRouter:
    """The routes; who may what, the service decides."""
    router = APIRouter(
        route_class=StrictJsonRoute,
        prefix="/staff",
        tags=["staff"],
        dependencies=[Depends(refuse_cross_site(settings)), Depends(_never_cached)],
        responses=_REFUSALS,
    )
    _add_sessions(router, service, settings)
    _add_invitations(router, service, settings)
    _add_members(router, service, settings)
    return router


def _add_sessions(router: APIRouter, service: StaffService, settings: VerifierSettings) -> None:
    cookie = session_cookie(settings)

    @router.post("/sign-in/options", summary="What to ask navigator.credentials.get for")
    async def sign_in_options() -> OptionsAnswer:
        return OptionsAnswer(options=await service.sign_in_options())

    @router.post("/sign-in", summary="Sign in with a passkey, or show it once more")
    async def sign_in(answer: SignIn, request: Request, response: Response) -> MemberAnswer:
        return _signed_in(await service.sign_in(answer, cookie.read(request)), response, settings)

    @router.get("/session", summary="Who is signed in in this browser")
    async def session(request: Request) -> SessionAnswer:
        required = settings.profile == "production"
        secret = cookie.read(request)
        try:
            member = None if secret is None else describe((await service.session(secret)).member)
        except Unauthenticated:
            member = None
        return SessionAnswer(member=member, required=required)

    @router.delete("/session", status_code=204, summary="Sign out")
    async def sign_out(request: Request, response: Response) -> None:
        secret = cookie.read(request)
        if secret is not None:
            await service.sign_out(secret)
        cookie.clear(response)


def _add_invitations(router: APIRouter, service: StaffService, settings: VerifierSettings) -> None:
    @router.post(
        "/invitations/open", summary="Whom an invitation is for, and what to ask navigator.credentials.create for"
    )
    async def open_invitation(asked: OpenInvitation) -> OpenedInvitation:
        return await service.open_invitation(asked.code)

    @router.post("/invitations/accept", status_code=201, summary="Keep the passkey that was made, and sign in")
    async def accept_invitation(accepted: AcceptInvitation, response: Response) -> MemberAnswer:
        return _signed_in(await service.accept_invitation(accepted), response, settings)


def _add_members(router: APIRouter, service: StaffService, settings: VerifierSettings) -> None:
    manager = Depends(manager_of(settings))

    @router.get("/members", summary="Who works here")
    async def members(by: SignedIn | None = manager) -> MembersAnswer:
        return MembersAnswer(
            members=[
                ListedMember(
                    **describe(line.member).model_dump(),
                    passkeys=line.passkeys,
                    invited_until=line.invited_until,
                    last_signed_in_at=line.last_signed_in_at,
                )
                for line in await service.members(by=by)
            ]
        )

    @router.post("/members", status_code=201, summary="A new member, and the link by which they make a passkey")
    async def invite_new(wanted: NewMember, by: SignedIn | None = manager) -> InvitationAnswer:
        return await service.invite_new(wanted, by=by)

    @router.post("/members/{member_id}/invitations", status_code=201, summary="A link for one more passkey")
    async def invite(member_id: str, by: SignedIn | None = manager) -> InvitationAnswer:
        return await service.invite(member_id, by=by)

    @router.patch("/members/{member_id}", summary="Another role, or no longer (or again) active")
    async def change(member_id: str, wanted: ChangedMember, by: SignedIn | None = manager) -> MemberAnswer:
        return describe(await service.change(member_id, wanted, by=by))

    @router.delete("/members/{member_id}/passkeys", status_code=204, summary="Forget the passkeys of a lost phone")
    async def remove_passkeys(member_id: str, by: SignedIn | None = manager) -> None:
        await service.remove_passkeys(member_id, by=by)


def _signed_in(new: NewSession, response: Response, settings: VerifierSettings) -> MemberAnswer:
    session_cookie(settings).set(response, new.secret)
    return describe(new.member)


async def _never_cached(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"
