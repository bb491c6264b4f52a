"""Who may use the desk: in production its staff and its programs, and never a page of another site.

People sign in with a passkey (`verifier/staff/`), and their browser sends a session cookie along. Programs send the
desk token as a bearer token. Where no script runs, on the plain page, a browser asks a person for the token once (HTTP
Basic, user `desk`). Who works here is said by supervisors and by the manager token, and never by the desk token, which
people type. The embedded profile is open to everyone; who is signed in there is known all the same.

Cookies and passwords are sent along by browsers whichever page caused the request: so requests must come from a page of
ours.
"""

from __future__ import annotations

import hmac
from base64 import b64decode
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

from fastapi import Request
from fastapi.responses import PlainTextResponse

from vc_core.errors import Unauthenticated
from vc_core.web.access import require_same_site, require_token
from vc_core.web.sessions import SessionCookie
from verifier.settings import VerifierSettings
from verifier.staff.service import SignedIn, StaffService

DESK_USER = "desk"
Guard: TypeAlias = Callable[[Request], Awaitable[None]]
"""Asynchronous though it waits for nothing: FastAPI would send a plain function to a thread for every request."""


class PasswordNeeded(Unauthenticated):
    """The page was asked for without the desk's password; the browser is to ask for it."""


def session_cookie(settings: VerifierSettings) -> SessionCookie:
    """The cookie of the staff's sessions."""
    return SessionCookie("desk_session", settings.public_url)


def require_desk(settings: VerifierSettings) -> Guard:
    """A dependency that raises `Unauthenticated` for who is neither signed in nor has the desk token, in production."""
    cookie, token = session_cookie(settings), settings.desk_token

    async def check(request: Request) -> None:
        if settings.profile != "production":
            await _note_member(request, cookie)
        elif "authorization" in request.headers and token is not None:
            require_token(request, token)
        else:
            request.state.signed_in = await _signed_in(request, cookie)

    return check


def require_password(settings: VerifierSettings) -> Guard:
    """As `require_desk`, for the plain page: the desk token is the password of user `desk` (RFC 7617).

    Raises `PasswordNeeded`.
    """
    cookie = session_cookie(settings)

    async def check(request: Request) -> None:
        await _note_member(request, cookie)
        if settings.desk_token is None or settings.profile != "production" or staff_of(request) is not None:
            return
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        expected = f"{DESK_USER}:{settings.desk_token.get_secret_value()}".encode()
        try:
            given = b64decode(encoded, validate=True)
        except ValueError as cause:
            raise PasswordNeeded("The password can't be read.") from cause
        if scheme.lower() != "basic" or not hmac.compare_digest(given, expected):
            raise PasswordNeeded("This page needs the desk's password.")

    return check


def manager_of(settings: VerifierSettings) -> Callable[[Request], Awaitable[SignedIn | None]]:
    """A dependency that gives the member who is signed in, or None for a manager token, in every profile.

    Raises `Unauthenticated` for anybody else.
    """
    cookie, tokens = session_cookie(settings), settings.manager_tokens()

    async def load(request: Request) -> SignedIn | None:
        if "authorization" not in request.headers or not tokens:
            return await _signed_in(request, cookie)
        require_token(request, *tokens)
        return None

    return load


def staff_of(request: Request) -> str | None:
    """The id of the member who is signed in, once one of the dependencies above has looked; None for everybody else."""
    signed_in: SignedIn | None = getattr(request.state, "signed_in", None)
    return None if signed_in is None else signed_in.member.id


async def _note_member(request: Request, cookie: SessionCookie) -> None:
    """Where nobody has to be signed in: who is, if anybody."""
    if cookie.read(request) is None:
        return
    with suppress(Unauthenticated):
        request.state.signed_in = await _signed_in(request, cookie)


async def _signed_in(request: Request, cookie: SessionCookie) -> SignedIn:
    staff: StaffService = request.app.state.staff
    secret = cookie.read(request)
    if secret is None:
        raise Unauthenticated("Sign in, or send the token for this.")
    return await staff.session(secret)


async def answer_password_needed(_request: Request, error: Exception) -> PlainTextResponse:
    """401 with the challenge that makes a browser ask."""
    headers = {"WWW-Authenticate": 'Basic realm="Sabai front desk", charset="UTF-8"', "Cache-Control": "no-store"}
    return PlainTextResponse(f"{error}\n", 401, headers=headers)


def refuse_cross_site(settings: VerifierSettings) -> Guard:
    """A dependency that raises `InvalidRequest` where a browser sends a request for another site's page."""
    return require_same_site(settings.public_url)
