"""How much a request may bring: little, but where it is a wallet's backup."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from backend.backups.schemas import MAX_CIPHERTEXT_CHARACTERS
from vc_core.web.limits import BodyLimit

MAX_BODY_BYTES = 64 * 1024
MAX_BACKUP_BODY_BYTES = MAX_CIPHERTEXT_CHARACTERS + 1024


class RequestLimits:
    """ASGI middleware that answers 413 to a body over the limit of its address."""

    def __init__(self, app: ASGIApp) -> None:
        self._usual = BodyLimit(app, max_bytes=MAX_BODY_BYTES)
        self._backup = BodyLimit(app, max_bytes=MAX_BACKUP_BODY_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on under its limit."""
        limit = self._backup if scope.get("path", "").startswith("/backups/") else self._usual
        await limit(scope, receive, send)
