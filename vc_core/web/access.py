"""Bearer tokens of officers, desks and hospitals (RFC 6750), and keeping pages of other sites out."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from fastapi import Request
from pydantic import SecretStr

from vc_core.errors import InvalidRequest, Unauthenticated

SameSite: TypeAlias = Callable[[Request], Awaitable[None]]
"""A dependency that raises `InvalidRequest` where a browser sends a request for another site's page."""


def bearer_token(request: Request) -> str:
    """The request's bearer token. Raises `Unauthenticated` where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("A bearer token is needed.")
    return token


def require_token(request: Request, *expected: SecretStr) -> None:
    """Returns when the request has one of these bearer tokens; compared in constant time. Raises `Unauthenticated`."""
    given = bearer_token(request).encode()
    if not any(hmac.compare_digest(given, each.get_secret_value().encode()) for each in expected):
        raise Unauthenticated("The bearer token is not valid.")


def require_same_site(*origins: str) -> SameSite:
    """Lets programs and pages of these origins through; cookies are sent along whichever page caused a request.

    Browsers say so in `Sec-Fetch-Site`, and where they don't (plain http on a local network) in `Origin`; programs
    send neither.
    """

    async def check(request: Request) -> None:
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        ours = site in ("same-origin", "none") if site is not None else origin in (None, *origins)
        if not ours:
            raise InvalidRequest("Requests from another site's page are not taken.")

    return check
