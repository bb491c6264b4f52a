"""Request bodies that are read as strictly as credentials are: what is signed must not depend on who parses it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from vc_core.encoding import EncodingError, parse_json, parse_json_object
from vc_core.errors import InvalidRequest, UnsupportedMediaType


def require_json(content_type: str) -> None:
    """Returns for JSON's media types (RFC 6839 section 3.1). Raises `UnsupportedMediaType`.

    A page of another site can send JSON as text/plain, but not as what it is without asking first.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if not media_type.startswith("application/") or not media_type.endswith(("/json", "+json")):
        raise UnsupportedMediaType("The body must be JSON, and say so in Content-Type.")


async def read_json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object, by `vc_core.encoding`'s rules.

    Raises `InvalidRequest`, for other media types too: callers of the VC API expect 400 for what is not of its form.
    """
    try:
        require_json(request.headers.get("content-type", ""))
    except UnsupportedMediaType as cause:
        raise InvalidRequest(cause.message) from cause
    try:
        return parse_json_object(await request.body())
    except EncodingError as cause:
        raise InvalidRequest("The body is not a JSON object without repeated members.") from cause


class StrictJsonRoute(APIRoute):
    """A route whose body FastAPI reads into a model, by `vc_core.encoding`'s rules too: `invalid_request` otherwise.

    A body of another media type than JSON's is `unsupported_media_type`.

    For a router with such routes: `APIRouter(route_class=StrictJsonRoute)`.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, given a request that reads strictly."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers:
                require_json(request.headers.get("content-type", ""))
            return await handle(_StrictJsonRequest(request.scope, request.receive))

        return handle_strictly


class _StrictJsonRequest(Request):
    async def json(self) -> Any:
        return parse_json(await self.body())
