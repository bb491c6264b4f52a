"""Request bodies that are read as strictly as credentials are: what is signed must not depend on who parses it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from vc_core.encoding import EncodingError, parse_json, parse_json_object
from vc_core.errors import InvalidRequest

_MEDIA_TYPES = ("application/json", "application/ld+json")


async def read_json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object, by `vc_core.encoding`'s rules. Raises `InvalidRequest`.

    The media type must be JSON's: a page of another site can't send that without asking first.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES:
        raise InvalidRequest("The body must be JSON, and say so in Content-Type.")
    try:
        return parse_json_object(await request.body())
    except EncodingError as cause:
        raise InvalidRequest("The body is not a JSON object without repeated members.") from cause


class StrictJsonRoute(APIRoute):
    """A route whose body FastAPI reads into a model, by `vc_core.encoding`'s rules too: `invalid_request` otherwise.

    For a router with such routes: `APIRouter(route_class=StrictJsonRoute)`.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, given a request that reads strictly."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(_StrictJsonRequest(request.scope, request.receive))

        return handle_strictly


class _StrictJsonRequest(Request):
    async def json(self) -> Any:
        return parse_json(await self.body())
