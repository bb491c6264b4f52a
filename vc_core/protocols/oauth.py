"""OAuth 2.0 as OpenID4VCI's pre-authorized code flow uses it: messages and pure checks, no I/O.

The grant needs no browser and no client registration: an office that knows the patient hands out a code, and whoever
shows that code and the transaction code that goes with it gets an access token. What a client sent wrong is a
`ProtocolError` with a code of RFC 6749 section 5.2; what a server answered wrong is one with `server_error`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from vc_core.encoding import EncodingError, parse_json_object
from vc_core.errors import ProtocolError

PRE_AUTHORIZED_CODE_GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
_MAX_PARAMETER = 2048
_MAX_URL = 2048
_URL_TEXT = re.compile(r"[!-~]+\Z")
_ERROR_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_TX_CODE = re.compile(r"[ -~]{1,64}\Z")


@dataclass(frozen=True)
class AuthorizationServerMetadata:
    """What a wallet needs of RFC 8414 metadata: who the server says it is, and its token endpoint."""

    issuer: str
    token_endpoint: str


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


def check_url(text: Any, *, code: str) -> str:
    """The text, when it is an https URL without user name and fragment; plain http is taken for this machine only.

    Raises `ProtocolError` with the given code.
    """
    if not isinstance(text, str) or len(text) > _MAX_URL or not _URL_TEXT.match(text):
        raise ProtocolError(code, "An address is missing or is not a web address.")
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError as cause:
        raise ProtocolError(code, "An address is not a web address.") from cause
    if not has_host or "@" in parts.netloc or "#" in text:
        raise ProtocolError(code, "An address is not a plain web address.")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts)):
        raise ProtocolError(code, "An address is not https.")
    return text


def check_identifier(text: Any, *, code: str) -> str:
    """As `check_url`, for the identifier of an issuer or server: no query either (OpenID4VCI 1.0 section 12.2.1)."""
    url = check_url(text, code=code)
    if "?" in url:
        raise ProtocolError(code, "An issuer's address has no query.")
    return url


def well_known_url(identifier: str, name: str) -> str:
    """Where the metadata of that name is: `/.well-known/<name>` between the identifier's host and its path."""
    parts = urlsplit(identifier)
    path = "" if parts.path == "/" else parts.path
    return f"{parts.scheme}://{parts.netloc}/.well-known/{name}{path}"


def authorization_server_metadata_url(issuer: str) -> str:
    """Where an authorization server's metadata is (RFC 8414 section 3.1)."""
    return well_known_url(issuer.rstrip("/"), "oauth-authorization-server")


def create_authorization_server_metadata(issuer: str, *, token_endpoint: str) -> dict[str, Any]:
    """The metadata of a server that knows the pre-authorized code grant only, for wallets without a client id."""
    return {
        "issuer": issuer,
        "token_endpoint": token_endpoint,
        "token_endpoint_auth_methods_supported": ["none"],
        "grant_types_supported": [PRE_AUTHORIZED_CODE_GRANT],
        "response_types_supported": [],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def parse_authorization_server_metadata(
    value: Mapping[str, Any], *, expected_issuer: str
) -> AuthorizationServerMetadata:
    """Metadata fetched for `expected_issuer`.

    Raises `ProtocolError`: `server_error` where it is not that server's, `unsupported_grant_type` where the server
    takes no pre-authorized codes, or none from a wallet without a client id.
    """
    if value.get("issuer") != expected_issuer:
        raise ProtocolError("server_error", "The authorization server's metadata names another server.")
    grants = value.get("grant_types_supported", [])
    if not isinstance(grants, list) or PRE_AUTHORIZED_CODE_GRANT not in grants:
        raise ProtocolError("unsupported_grant_type", "The authorization server takes no pre-authorized codes.")
    if value.get("pre-authorized_grant_anonymous_access_supported", False) is not True:
        raise ProtocolError("unsupported_grant_type", "The authorization server only serves wallets it knows.")
    return AuthorizationServerMetadata(expected_issuer, check_url(value.get("token_endpoint"), code="server_error"))


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
    if not isinstance(token, str) or not _URL_TEXT.match(token) or len(token) > _MAX_PARAMETER:
        raise ProtocolError("server_error", "The answer holds no access token.")
    if str(value.get("token_type", "")).lower() != "bearer":
        raise ProtocolError("server_error", "The access token is not a bearer token.")
    if "authorization_details" in value:
        raise ProtocolError("server_error", "The answer asks for credential identifiers, which were not requested.")
    if expires_in is not None and (type(expires_in) is not int or expires_in <= 0):
        raise ProtocolError("server_error", "The access token's lifetime is not a number of seconds.")
    return TokenResponse(token, expires_in)


def parse_error_response(body: bytes) -> ProtocolError:
    """The error that an endpoint answered with. The server's own words are dropped: they are anyone's text."""
    try:
        code = parse_json_object(body).get("error")
    except EncodingError:
        code = None
    if not isinstance(code, str) or not _ERROR_CODE.match(code):
        return ProtocolError("server_error", "The other side answered with an error that can't be read.")
    return ProtocolError(code, f"The other side refused with the code {code}.")


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
