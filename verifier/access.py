"""Who may use the desk: the token in production, and never a page of another site.

Programs send the token as a bearer token. A browser asks a person for it once (HTTP Basic, user `desk`) and from then
on sends it along by itself, whichever page caused the request: so the page's requests must come from a page of ours.
"""

from __future__ import annotations

import hmac
from base64 import b64decode
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from fastapi import Request
from fastapi.responses import PlainTextResponse

from vc_core.errors import InvalidRequest, Unauthenticated
from vc_core.web.access import require_token
from verifier.settings import VerifierSettings

DESK_USER = "desk"
Guard: TypeAlias = Callable[[Request], Awaitable[None]]
"""Asynchronous though it waits for nothing: FastAPI would send a plain function to a thread for every request."""


class PasswordNeeded(Unauthenticated):
    """The page was asked for without the desk's password; the browser is to ask for it."""


def require_bearer(settings: VerifierSettings) -> Guard:
    """A dependency that raises `Unauthenticated` without the desk token; the embedded profile asks for none."""

    async def check(request: Request) -> None:
        if settings.desk_token is not None and settings.profile == "production":
            require_token(request, settings.desk_token)

    return check


def require_password(settings: VerifierSettings) -> Guard:
    """As `require_bearer`, for people: the desk token is the password of user `desk` (RFC 7617); `PasswordNeeded`."""

    async def check(request: Request) -> None:
        if settings.desk_token is None or settings.profile != "production":
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


async def answer_password_needed(_request: Request, error: Exception) -> PlainTextResponse:
    """401 with the challenge that makes a browser ask."""
    headers = {"WWW-Authenticate": 'Basic realm="Sabai front desk", charset="UTF-8"', "Cache-Control": "no-store"}
    return PlainTextResponse(f"{error}\n", 401, headers=headers)


def refuse_cross_site(settings: VerifierSettings) -> Guard:
    """A dependency that raises `InvalidRequest` where a browser sends a request for another site's page.

    Browsers say so in `Sec-Fetch-Site`, and where they don't (plain http on a local network) in `Origin`; programs
    send neither.
    """

    async def check(request: Request) -> None:
        site = request.headers.get("sec-fetch-site")
        origin = request.headers.get("origin")
        ours = site in ("same-origin", "none") if site is not None else origin in (None, settings.public_url)
        if not ours:
            raise InvalidRequest("Requests from another site's page are not taken.")

    return check
