"""Bearer tokens of officers, desks and hospitals (RFC 6750)."""

from __future__ import annotations

import hmac

from fastapi import Request
from pydantic import SecretStr

from vc_core.errors import Unauthenticated


def bearer_token(request: Request) -> str:
    """The request's bearer token. Raises `Unauthenticated` where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("A bearer token is needed.")
    return token


def require_token(request: Request, expected: SecretStr) -> None:
    """Returns when the request has the expected bearer token; compared in constant time. Raises `Unauthenticated`."""
    if not hmac.compare_digest(bearer_token(request).encode(), expected.get_secret_value().encode()):
        raise Unauthenticated("The bearer token is not valid.")
