"""Error responses (RFC 6749 section 5.2)."""

from __future__ import annotations

import re

from vc_core.encoding import EncodingError, parse_json_object
from vc_core.errors import ProtocolError

_ERROR_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


def parse_error_response(body: bytes) -> ProtocolError:
    """The error that an endpoint answered with. The server's own words are dropped: they are anyone's text."""
    try:
        code = parse_json_object(body).get("error")
    except EncodingError:
        code = None
    if not isinstance(code, str) or not _ERROR_CODE.match(code):
        return ProtocolError("server_error", "The other side answered with an error that can't be read.")
    return ProtocolError(code, f"The other side refused with the code {code}.")
