"""Pushed authorization requests (RFC 9126): the wallet sends its request to the server itself, and only a reference to
it through the browser, where nobody can read or change it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.token import MAX_CLIENT_ID, MAX_PARAMETER

REQUEST_URI_PREFIX = "urn:ietf:params:oauth:request_uri:"
_REFERENCE = re.compile(re.escape(REQUEST_URI_PREFIX) + r"[A-Za-z0-9_-]{22,128}\Z")
_CLIENT_ID = re.compile(r"[ -~]+\Z")
_TEXT = re.compile(r"[!-~]+\Z")


@dataclass(frozen=True)
class PushedAuthorizationResponse:
    """Where the server keeps the request, and for how many seconds."""

    request_uri: str
    expires_in: int


@dataclass(frozen=True)
class PushedRequestReference:
    """An authorization request that was pushed before (section 4)."""

    client_id: str
    request_uri: str


def create_pushed_authorization_response(secret: str, *, expires_in: int) -> dict[str, Any]:
    """The response (section 2.2); `secret` is base64url text at the end of the `request_uri`."""
    return {"request_uri": REQUEST_URI_PREFIX + secret, "expires_in": expires_in}


def parse_pushed_authorization_response(value: Mapping[str, Any]) -> PushedAuthorizationResponse:
    """The response. Raises `ProtocolError` `server_error`."""
    request_uri, expires_in = value.get("request_uri"), value.get("expires_in")
    if not isinstance(request_uri, str) or not _TEXT.match(request_uri) or len(request_uri) > MAX_PARAMETER:
        raise ProtocolError("server_error", "The answer holds no request_uri.")
    if type(expires_in) is not int or expires_in <= 0:
        raise ProtocolError("server_error", "The request_uri's lifetime is not a number of seconds.")
    return PushedAuthorizationResponse(request_uri, expires_in)


def create_pushed_reference(client_id: str, request_uri: str) -> dict[str, str]:
    """The fields of the authorization request that goes through the browser (section 4)."""
    return {"client_id": client_id, "request_uri": request_uri}


def parse_pushed_reference(fields: Sequence[tuple[str, str]]) -> PushedRequestReference | None:
    """The reference in an authorization request, None where it has no `request_uri`; other parameters are ignored.

    Raises `ProtocolError`, which nobody may be redirected with: `invalid_request_uri` for one that is not of ours,
    `invalid_request` without a client's name.
    """
    values = dict(fields)
    if "request_uri" not in values:
        return None
    if len(values) != len(fields):
        raise ProtocolError("invalid_request", "A parameter is sent twice.")
    if not _REFERENCE.match(values["request_uri"]):
        raise ProtocolError("invalid_request_uri", "request_uri is none that this server gave out.")
    client_id = values.get("client_id", "")
    if len(client_id) > MAX_CLIENT_ID or not _CLIENT_ID.match(client_id):
        raise ProtocolError("invalid_request", "client_id must be there, in the form that a client's name has.")
    return PushedRequestReference(client_id, values["request_uri"])
