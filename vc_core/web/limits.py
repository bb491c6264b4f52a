"""Bounds on what a client may send, before anything reads it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vc_core.errors import PayloadTooLarge
from vc_core.web.problem import problem_response


class BodyLimit:
    """ASGI middleware that answers 413 to a body over `max_bytes`, whether its length is declared or not."""

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._refusal = PayloadTooLarge(f"The request may have at most {max_bytes} bytes.")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, counting its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self._max_bytes:
            await problem_response(self._refusal)(scope, receive, send)
            return
        received, overflowed, started = 0, False, False

        async def counted() -> Message:
            nonlocal received, overflowed
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                overflowed = True
                raise _TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            if not overflowed:  # what the application makes of a body cut short is not the answer
                started = True
                await send(message)

        with suppress(_TooLarge):
            await self._app(scope, counted, watched)
        if overflowed and not started:
            await problem_response(self._refusal)(scope, receive, send)


class RequestLimits:
    """ASGI middleware that answers 413 to a body over the limit of its address: `usual`, or what `by_path` says.

    A path that ends in `/` stands for all that begin so.
    """

    def __init__(self, app: ASGIApp, *, usual: int, by_path: Mapping[str, int]) -> None:
        self._usual = BodyLimit(app, max_bytes=usual)
        self._by_path = {path: BodyLimit(app, max_bytes=max_bytes) for path, max_bytes in by_path.items()}
        self._beginnings = [path for path in by_path if path.endswith("/")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on under its limit."""
        path = scope.get("path", "")
        named = next((beginning for beginning in self._beginnings if path.startswith(beginning)), path)
        await self._by_path.get(named, self._usual)(scope, receive, send)


class _TooLarge(Exception):
    """The body outgrew the limit while it was read."""
