"""How much a request may bring: little, but where a picture is expected."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from vc_core.web.limits import BodyLimit

MAX_TEXT_BYTES = 256 * 1024
MAX_UPLOAD_BYTES = 16 * 1024 * 1024
"""Well over what a picture may have, so that a phone's large photo gets a verdict that says so."""
UPLOAD_PATHS = frozenset({"/plain", "/checks/image", "/trust-bundle"})


class RequestLimits:
    """ASGI middleware that answers 413 to a body over the limit of its address."""

    def __init__(self, app: ASGIApp) -> None:
        self._text = BodyLimit(app, max_bytes=MAX_TEXT_BYTES)
        self._upload = BodyLimit(app, max_bytes=MAX_UPLOAD_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on under its limit."""
        limit = self._upload if scope.get("path") in UPLOAD_PATHS else self._text
        await limit(scope, receive, send)
