"""Who may call what: hospitals, the payer, and devices, each by a bearer token of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

from fastapi import Request
from pydantic import SecretStr

from backend.devices.models import Device
from backend.devices.repository import DeviceRepository
from vc_core.errors import Unauthenticated
from vc_core.web.access import bearer_token, require_token
from vc_core.web.database import Database


def hash_device_token(token: str) -> str:
    """How a device token is kept: SHA-256, in hex digits. The token is 32 random bytes, so that suffices."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def require(token: SecretStr) -> Callable[[Request], None]:
    """A dependency that raises `Unauthenticated` unless the request has this bearer token."""

    def check(request: Request) -> None:
        require_token(request, token)

    return check


def require_either(one: SecretStr, other: SecretStr) -> Callable[[Request], None]:
    """A dependency that raises `Unauthenticated` unless the request has one of these bearer tokens."""

    def check(request: Request) -> None:
        if not has_token(request, one):
            require_token(request, other)

    return check


def has_token(request: Request, token: SecretStr) -> bool:
    """Whether the request has this bearer token; another may be good as well."""
    try:
        require_token(request, token)
    except Unauthenticated:
        return False
    return True


def device_of(database: Database) -> Callable[[Request], Awaitable[Device]]:
    """A dependency that gives the device whose token the request has. Raises `Unauthenticated`."""

    async def load(request: Request) -> Device:
        token_hash = hash_device_token(bearer_token(request))
        async with database.transaction() as session:
            device = await DeviceRepository(session).load_by_token(token_hash)
        if device is None:
            raise Unauthenticated("The device token is not valid.")
        return device

    return load
