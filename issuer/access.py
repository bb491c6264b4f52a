"""Who may do what at the issuing office: roles, who somebody is, and the dependencies by which routes name a role.

A route of the office names what it needs with `Depends(office.officer)`, `.approver`, `.auditor` or `.reader`; a test
(`tests/issuer/test_access.py`) has every route of the issuer in a table, and fails for one that is not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from fastapi import Request
from pydantic import SecretStr

from vc_core.errors import Forbidden
from vc_core.web.access import require_token


class OfficeRole(StrEnum):
    """What somebody at the office is there for.

    Officers search, import rosters, offer, renew and propose; approvers decide on what needs four eyes; auditors read
    everything and change nothing.
    """

    OFFICER = "officer"
    APPROVER = "approver"
    AUDITOR = "auditor"


@dataclass(frozen=True)
class Principal:
    """Somebody who is signed in, or a program with a token. `id` is what records of their actions name them by."""

    id: str
    name: str
    roles: frozenset[OfficeRole]


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
    """The dependencies of the office's routes: each returns who asks, or raises `Unauthenticated` or `Forbidden`."""

    def __init__(self, authenticate: Authenticate) -> None:
        self._authenticate = authenticate

    async def officer(self, request: Request) -> Principal:
        """An officer."""
        return await self._require(request, OfficeRole.OFFICER)

    async def approver(self, request: Request) -> Principal:
        """Who decides on what others propose."""
        return await self._require(request, OfficeRole.APPROVER)

    async def auditor(self, request: Request) -> Principal:
        """Who reads the records of what was done."""
        return await self._require(request, OfficeRole.AUDITOR)

    async def reader(self, request: Request) -> Principal:
        """Everyone at the office: for what changes nothing."""
        return await self._require(request, *OfficeRole)

    async def _require(self, request: Request, *roles: OfficeRole) -> Principal:
        """Who asks, where they have one of these roles."""
        principal = await self._authenticate(request)
        if principal.roles.isdisjoint(roles):
            raise Forbidden("This takes another role at the office than yours.")
        return principal


def bearer_of(token: SecretStr) -> Authenticate:
    """Knows whoever has this bearer token, and nobody else."""

    async def authenticate(request: Request) -> Principal:
        require_token(request, token)
        return TOKEN_HOLDER

    return authenticate
