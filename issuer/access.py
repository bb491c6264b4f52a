"""Who may do what at the issuing office: roles, who somebody is, and the dependencies by which routes name a role.

A route of the office names what it needs with `Depends(office.officer)`, `.approver`, `.auditor`, `.reader` …; a test
(`tests/issuer/test_access.py`) has every route of the issuer in a table, and fails for one that is not.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from fastapi import Request
from pydantic import SecretStr

from issuer.audit.service import AuditService
from issuer.officers.roles import OfficeRole
from vc_core.clock import Clock
from vc_core.errors import Forbidden, SabaiError, StepUpNeeded, Unauthenticated
from vc_core.web.access import SameSite, require_token
from vc_core.web.sessions import SessionCookie, SessionLimits, SessionTimes, require_step_up

_RECORD_ID = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True)
class Principal:
    """Somebody who is signed in, or a program with a token. `id` is what records of their actions name them by.

    `times` are those of their session, None without one.
    """

    id: str
    name: str
    roles: frozenset[OfficeRole]
    times: SessionTimes | None = None


TOKEN_HOLDER = Principal("token", "", frozenset(OfficeRole))
"""Whoever has the office's bearer token: one pair of eyes with all roles."""

THIS_MACHINE = Principal("local", "", frozenset())
"""Whoever uses the VC API without a token on this machine, in the embedded profile."""

Authenticate: TypeAlias = Callable[[Request], Awaitable[Principal]]
"""Tells who a request is of. Raises `Unauthenticated`."""

OFFICER_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "invalid_request, as problem details"},
    401: {"description": "unauthenticated: the officer's bearer token or session is missing or not valid"},
    403: {"description": "forbidden: it takes another role"},
    404: {"description": "not_found"},
}
"""What every officer's route may answer, for the API's description."""


class OfficeAccess:
    """The dependencies of the office's routes: each gives who asks, or raises `Unauthenticated` or `Forbidden`.

    What is refused to somebody who is known goes into the record of what was done: which route, on which record, and
    the code of the refusal.
    """

    def __init__(self, authenticate: Authenticate, audit: AuditService, clock: Clock) -> None:
        self._authenticate = authenticate
        self._audit = audit
        self._clock = clock

    async def officer(self, request: Request) -> AsyncIterator[Principal]:
        """An officer."""
        async with self.allowed(request, OfficeRole.OFFICER) as principal:
            yield principal

    async def officer_or_approver(self, request: Request) -> AsyncIterator[Principal]:
        """Either: which of them, the record decides."""
        async with self.allowed(request, OfficeRole.OFFICER, OfficeRole.APPROVER) as principal:
            yield principal

    async def approver(self, request: Request) -> AsyncIterator[Principal]:
        """Who decides on what others propose."""
        async with self.allowed(request, OfficeRole.APPROVER) as principal:
            yield principal

    async def approver_now(self, request: Request) -> AsyncIterator[Principal]:
        """An approver who used their passkey just now, as what is dangerous needs. Raises `StepUpNeeded`."""
        async with self.allowed(request, OfficeRole.APPROVER) as principal:
            if principal.times is not None:
                require_step_up(principal.times, SessionLimits(), now=self._clock())
            yield principal

    async def auditor(self, request: Request) -> AsyncIterator[Principal]:
        """Who reads the records of what was done."""
        async with self.allowed(request, OfficeRole.AUDITOR) as principal:
            yield principal

    async def reader(self, request: Request) -> AsyncIterator[Principal]:
        """Everyone at the office: for what changes nothing."""
        async with self.allowed(request, *OfficeRole) as principal:
            yield principal

    @asynccontextmanager
    async def allowed(self, request: Request, *roles: OfficeRole) -> AsyncIterator[Principal]:
        """Who asks, where they have one of these roles, for as long as the request is answered."""
        principal = await self._authenticate(request)
        try:
            if principal.roles.isdisjoint(roles):
                raise Forbidden("This takes another role at the office than yours.")
            yield principal
        except SabaiError as refusal:
            if isinstance(refusal, Forbidden) or (request.method != "GET" and not isinstance(refusal, StepUpNeeded)):
                await self._record(principal, request, refusal)
            raise

    async def _record(self, principal: Principal, request: Request, refusal: SabaiError) -> None:
        named = [value for value in request.path_params.values() if _RECORD_ID.match(value)]
        route = f"{request.method} {request.scope['route'].path}"
        await self._audit.record(principal.id, "request", "".join(named[:1]), str(refusal.code), detail=route)


def bearer_or_session(
    token: SecretStr, cookie: SessionCookie, session: Callable[[str], Awaitable[Principal]], same_site: SameSite
) -> Authenticate:
    """Knows whoever has this bearer token, and whose browser has the secret of a session; `session` knows whose."""

    async def authenticate(request: Request) -> Principal:
        if "authorization" in request.headers:
            require_token(request, token)
            return TOKEN_HOLDER
        secret = cookie.read(request)
        if secret is None:
            raise Unauthenticated("Sign in, or send the office's bearer token.")
        await same_site(request)
        return await session(secret)

    return authenticate
