"""The token endpoint's messages (RFC 6749 sections 4 to 6, OpenID4VCI 1.0 section 6).

The pre-authorized code grant needs no browser and no client registration: an office that knows the patient hands out a
code, and whoever shows that code and the transaction code that goes with it gets an access token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vc_core.errors import ProtocolError

PRE_AUTHORIZED_CODE_GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
_MAX_PARAMETER = 2048
_TX_CODE = re.compile(r"[ -~]{1,64}\Z")
_TOKEN = re.compile(r"[!-~]+\Z")


@dataclass(frozen=True)
class TokenRequest:
    """A token request with a pre-authorized code (OpenID4VCI 1.0 section 6.1); `tx_code` None where none was sent."""

    pre_authorized_code: str
    tx_code: str | None


@dataclass(frozen=True)
class TokenResponse:
    """A bearer token, and for how many seconds it holds (None where the server did not say)."""

    access_token: str
    expires_in: int | None


def create_token_request(pre_authorized_code: str, *, tx_code: str | None) -> dict[str, str]:
    """The form fields of a token request."""
    fields = {"grant_type": PRE_AUTHORIZED_CODE_GRANT, "pre-authorized_code": pre_authorized_code}
    if tx_code is not None:
        fields["tx_code"] = tx_code
    return fields


def parse_token_request(fields: Sequence[tuple[str, str]]) -> TokenRequest:
    """Decoded form fields in the order sent; unknown ones are ignored (RFC 6749 section 3.2).

    Raises `ProtocolError`: `invalid_request` where a field is missing, sent twice or too long,
    `unsupported_grant_type` for any other grant.
    """
    values = dict(fields)
    if len(values) != len(fields) or any(len(value) > _MAX_PARAMETER for value in values.values()):
        raise ProtocolError("invalid_request", "A parameter is sent twice or is too long.")
    grant_type = values.get("grant_type")
    if not grant_type:
        raise ProtocolError("invalid_request", "grant_type is missing.")
    if grant_type != PRE_AUTHORIZED_CODE_GRANT:
        raise ProtocolError("unsupported_grant_type", "Only pre-authorized codes are taken here.")
    code = values.get("pre-authorized_code")
    if not code:
        raise ProtocolError("invalid_request", "pre-authorized_code is missing.")
    tx_code = values.get("tx_code") or None
    if tx_code is not None and not _TX_CODE.match(tx_code):
        raise ProtocolError("invalid_request", "tx_code is not of the form that a transaction code has.")
    return TokenRequest(code, tx_code)


def create_token_response(access_token: str, *, expires_in: int) -> dict[str, Any]:
    """A token response (RFC 6749 section 5.1); `expires_in` in seconds."""
    return {"access_token": access_token, "token_type": "Bearer", "expires_in": expires_in}


def parse_token_response(value: Mapping[str, Any]) -> TokenResponse:
    """A token response. Raises `ProtocolError` `server_error` where it holds no bearer token that we can use."""
    token, expires_in = value.get("access_token"), value.get("expires_in")
    if not isinstance(token, str) or not _TOKEN.match(token) or len(token) > _MAX_PARAMETER:
        raise ProtocolError("server_error", "The answer holds no access token.")
    if str(value.get("token_type", "")).lower() != "bearer":
        raise ProtocolError("server_error", "The access token is not a bearer token.")
    if "authorization_details" in value:
        raise ProtocolError("server_error", "The answer asks for credential identifiers, which were not requested.")
    if expires_in is not None and (type(expires_in) is not int or expires_in <= 0):
        raise ProtocolError("server_error", "The access token's lifetime is not a number of seconds.")
    return TokenResponse(token, expires_in)
