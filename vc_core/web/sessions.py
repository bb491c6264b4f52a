"""Sessions of people who signed in: the cookie, what the database keeps of it, and how long a session holds.

The cookie is all that the browser has: 32 random bytes, of which the database keeps a hash. No script can read it, and
browsers send it with requests of our own pages only (`SameSite=Strict`). Cookies know no ports: each service has a
name of its own, so that services on one machine keep apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from vc_core.encoding import base64url_encode
from vc_core.errors import StepUpNeeded, Unauthenticated

_SECRET_BYTES = 32


@dataclass(frozen=True)
class SessionLimits:
    """How many seconds a session holds without a request, in all, and after a passkey for what is dangerous."""

    idle_seconds: int = 3600
    absolute_seconds: int = 12 * 3600
    step_up_seconds: int = 300


@dataclass(frozen=True)
class SessionTimes:
    """When the passkey was used and when the last request came, in seconds since 1970."""

    signed_in_at: int
    last_seen_at: int


class SessionCookie:
    """The cookie of one service; by https it is bound to the host (`__Host-`, RFC 6265bis section 4.1.3.2)."""

    def __init__(self, name: str, public_url: str) -> None:
        self._secure = public_url.startswith("https:")
        self.name = f"__Host-{name}" if self._secure else name

    def read(self, request: Request) -> str | None:
        """The secret that the request has."""
        return request.cookies.get(self.name)

    def set(self, response: Response, secret: str) -> None:
        """Gives the browser a secret, until it is closed."""
        response.set_cookie(self.name, secret, path="/", httponly=True, samesite="strict", secure=self._secure)

    def clear(self, response: Response) -> None:
        """Takes it back."""
        response.delete_cookie(self.name, path="/", httponly=True, samesite="strict", secure=self._secure)


def create_session_secret(randomness: Callable[[int], bytes]) -> str:
    """A new secret: 256 bits in base64url."""
    return base64url_encode(randomness(_SECRET_BYTES))


def hash_session_secret(secret: str) -> str:
    """What the database keeps of it: SHA-256 in hex digits. The secret is random, so that suffices."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def verify_session(times: SessionTimes, limits: SessionLimits, *, now: int) -> None:
    """Returns where the session still holds. Raises `Unauthenticated`."""
    if now - times.last_seen_at >= limits.idle_seconds or now - times.signed_in_at >= limits.absolute_seconds:
        raise Unauthenticated("The session has ended. Sign in again.")


def require_step_up(times: SessionTimes, limits: SessionLimits, *, now: int) -> None:
    """Returns where the passkey was used just now, as what is dangerous needs. Raises `StepUpNeeded`."""
    if now - times.signed_in_at >= limits.step_up_seconds:
        raise StepUpNeeded("Use the passkey once more for this.")
