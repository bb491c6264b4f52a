"""Letting pages of other origins speak a protocol with a service, as wallets in a browser do with an issuer (CORS)."""

from __future__ import annotations

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_REQUEST_HEADERS = ("Authorization", "Content-Type", "DPoP", "OAuth-Client-Attestation", "OAuth-Client-Attestation-PoP")
_ANSWER_HEADERS = ("DPoP-Nonce", "OAuth-Client-Attestation-Challenge", "WWW-Authenticate")


class CrossOrigin:
    """ASGI middleware that opens paths to pages of every origin, without cookies.

    One that ends in `/` stands for all that begin so.
    """

    def __init__(self, app: ASGIApp, *, paths: tuple[str, ...]) -> None:
        self._app = app
        self._paths = frozenset(paths)
        self._beginnings = tuple(path for path in paths if path.endswith("/"))
        self._opened = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "POST"],
            allow_headers=_REQUEST_HEADERS,
            expose_headers=_ANSWER_HEADERS,
            max_age=3600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on."""
        await (self._opened if self._is_open(scope) else self._app)(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        if scope["type"] != "http":
            return False
        return scope["path"] in self._paths or scope["path"].startswith(self._beginnings)
