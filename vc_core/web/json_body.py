"""Request bodies that are read as strictly as credentials are: what is signed must not depend on who parses it."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from vc_core.encoding import EncodingError, parse_json_object
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
