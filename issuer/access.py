"""Who may do what: officers, by their bearer token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from fastapi import Request
from pydantic import SecretStr

from vc_core.web.access import require_token

Officer: TypeAlias = Callable[[Request], None]
"""A dependency that lets officers through and raises `Unauthenticated` for everyone else."""

OFFICER_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "invalid_request, as problem details"},
    401: {"description": "unauthenticated: the officer's bearer token is missing or wrong"},
    404: {"description": "not_found"},
}
"""What every officer's route may answer, for the API's description."""


def officer_with(token: SecretStr) -> Officer:
    """The dependency for officers with this token."""

    def officer(request: Request) -> None:
        require_token(request, token)

    return officer
