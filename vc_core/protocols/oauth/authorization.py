"""The authorization endpoint's messages (RFC 6749 section 4.1), as OpenID4VCI 1.0 section 5 uses them.

The wallet opens its holder's browser at the server's authorization endpoint; the server knows who sits there, asks
whether the wallet may fetch the credentials, and sends the browser back to the wallet with a code. PKCE (RFC 7636) and
`iss` (RFC 9207) are required in both directions.

A request is read in two steps. Until the client and its redirect URI are known, errors may not be sent to the redirect
URI, which could be anybody's (section 4.1.2.1): `parse_return_address` reads only these. What
`parse_authorization_request` refuses afterwards goes back to the client.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from vc_core.encoding import compact_json
from vc_core.errors import ProtocolError
from vc_core.protocols.addresses import check_url
from vc_core.protocols.oauth.authorization_details import (
    check_resource,
    create_authorization_details,
    parse_authorization_details,
)
from vc_core.protocols.oauth.pkce import S256, check_code_challenge
from vc_core.protocols.oauth.token import MAX_CLIENT_ID, MAX_DETAILS_TEXT, MAX_PARAMETER

_CLIENT_ID = re.compile(r"[ -~]+\Z")
_STATE = re.compile(r"[ -~]*\Z")
_REDIRECT_URI = re.compile(r"[a-z][a-z0-9+.-]*:[!-~]+\Z")
_BROWSERS_SCHEMES = frozenset({"about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source"})
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+\Z")
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_SCOPE = re.compile(r"[!#-\[\]-~]+( [!#-\[\]-~]+)*\Z")
_ERROR_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_MAX_SCOPES = 50
_MAX_RESPONSE_FIELDS = 20


@dataclass(frozen=True)
class ReturnAddress:
    """Who asks, and where the browser is sent back to."""

    client_id: str
    redirect_uri: str
    state: str | None = None


@dataclass(frozen=True)
class AuthorizationRequest:
    """An authorization request of a wallet.

    Credentials are asked for by `scopes` and by `authorization_details`, configurations by id; None where the request
    has no such parameter. `issuer_state` is from the offer that began it all, and may be anybody's text. `dpop_jkt` is
    the thumbprint of the key that the tokens are to be bound to (RFC 9449 section 10).
    """

    return_address: ReturnAddress
    code_challenge: str
    scopes: tuple[str, ...] = ()
    authorization_details: tuple[str, ...] | None = None
    issuer_state: str | None = None
    dpop_jkt: str | None = None


def create_authorization_request(request: AuthorizationRequest, *, location: str | None = None) -> dict[str, str]:
    """The fields of an authorization request; `location` as in `create_authorization_details`, and for scopes too."""
    fields = {
        "response_type": "code",
        "client_id": request.return_address.client_id,
        "redirect_uri": request.return_address.redirect_uri,
        "state": request.return_address.state,
        "code_challenge": request.code_challenge,
        "code_challenge_method": S256,
        "scope": " ".join(request.scopes) or None,
        "resource": location,
        "issuer_state": request.issuer_state,
        "dpop_jkt": request.dpop_jkt,
    }
    if request.authorization_details is not None:
        details = create_authorization_details(request.authorization_details, location=location)
        fields["authorization_details"] = compact_json(details).decode("utf-8")
    return {name: value for name, value in fields.items() if value is not None}


def create_authorization_url(authorization_endpoint: str, fields: Mapping[str, str]) -> str:
    """Where to open the holder's browser."""
    return _with_query(authorization_endpoint, fields)


def parse_return_address(fields: Sequence[tuple[str, str]]) -> ReturnAddress:
    """Who asks and where to answer, nothing of which is verified: the server compares both with what it knows.

    Raises `ProtocolError` `invalid_request`, which must not be sent to the redirect URI.
    """
    given: dict[str, str] = {}
    for name in ("client_id", "redirect_uri"):
        values = [value for each, value in fields if each == name]
        if len(values) != 1 or not values[0]:
            raise ProtocolError("invalid_request", f"{name} must be there, once.")
        given[name] = values[0]
    if len(given["client_id"]) > MAX_CLIENT_ID or not _CLIENT_ID.match(given["client_id"]):
        raise ProtocolError("invalid_request", "client_id is not of the form that a client's name has.")
    redirect_uri = given["redirect_uri"]
    _check_redirect_uri(redirect_uri)
    states = [value for each, value in fields if each == "state"]
    state = states[0] if len(states) == 1 and len(states[0]) <= MAX_PARAMETER and _STATE.match(states[0]) else None
    return ReturnAddress(given["client_id"], redirect_uri, state)


def parse_authorization_request(
    fields: Sequence[tuple[str, str]], return_address: ReturnAddress, *, credential_issuer: str
) -> AuthorizationRequest:
    """The rest of a request whose return address is known; unknown parameters are ignored.

    Raises `ProtocolError`: `invalid_request` where a parameter is sent twice, too long or not of its form, and without
    PKCE; `unsupported_response_type`, `invalid_scope`, `invalid_authorization_details`, `invalid_target`, and
    `request_not_supported` for a request object (RFC 9101).
    """
    values = dict(fields)
    if len(values) != len(fields):
        raise ProtocolError("invalid_request", "A parameter is sent twice.")
    for name, value in values.items():
        if len(value) > (MAX_DETAILS_TEXT if name == "authorization_details" else MAX_PARAMETER):
            raise ProtocolError("invalid_request", "A parameter is too long.")
    if not _STATE.match(values.get("state", "")):
        raise ProtocolError("invalid_request", "state has characters that it may not have.")
    if "request" in values:
        raise ProtocolError("request_not_supported", "This server takes no request objects.")
    if values.get("response_type") != "code":
        code = "unsupported_response_type" if values.get("response_type") else "invalid_request"
        raise ProtocolError(code, "response_type must be code.")
    if values.get("response_mode", "query") != "query":
        raise ProtocolError("invalid_request", "The only response_mode is query.")
    dpop_jkt = values.get("dpop_jkt") or None
    if dpop_jkt is not None and not _THUMBPRINT.match(dpop_jkt):
        raise ProtocolError("invalid_request", "dpop_jkt is not a key's thumbprint.")
    check_resource(values.get("resource"), credential_issuer=credential_issuer)
    details = values.get("authorization_details") or None
    return AuthorizationRequest(
        return_address,
        check_code_challenge(values.get("code_challenge"), values.get("code_challenge_method")),
        _parse_scopes(values.get("scope", "")),
        None if details is None else parse_authorization_details(details, credential_issuer=credential_issuer),
        values.get("issuer_state") or None,
        dpop_jkt,
    )


def create_authorization_response(return_address: ReturnAddress, *, code: str, issuer: str) -> str:
    """Where the browser goes with a code (section 4.1.2, RFC 9207)."""
    return _return_url(return_address, {"code": code}, issuer)


def create_authorization_error_response(return_address: ReturnAddress, error: ProtocolError, *, issuer: str) -> str:
    """Where the browser goes with an error (section 4.1.2.1, RFC 9207)."""
    description = re.sub(r'[^ -~]|["\\]', "'", error.message)
    return _return_url(return_address, {"error": error.code, "error_description": description}, issuer)


def parse_authorization_response(url: str, *, expected_state: str | None, expected_issuer: str) -> str:
    """The code in the address that the browser came back to.

    Raises `ProtocolError`: the server's own code where it refused (its words are dropped), `server_error` where the
    answer is another server's, belongs to another request, or holds no code.
    """
    try:
        fields = parse_qsl(urlsplit(url).query, strict_parsing=True, max_num_fields=_MAX_RESPONSE_FIELDS)
    except ValueError as cause:
        raise ProtocolError("server_error", "The browser came back without an answer.") from cause
    values = dict(fields)
    if len(values) != len(fields):
        raise ProtocolError("server_error", "The answer has a parameter twice.")
    if values.get("state") != expected_state:
        raise ProtocolError("server_error", "The answer belongs to another request.")
    if values.get("iss") != expected_issuer:
        raise ProtocolError("server_error", "The answer comes from another server than the one that was asked.")
    if "error" in values:
        code = values["error"] if _ERROR_CODE.match(values["error"]) else "server_error"
        raise ProtocolError(code, f"The authorization server refused with the code {code}.")
    code = values.get("code", "")
    if not code or len(code) > MAX_PARAMETER:
        raise ProtocolError("server_error", "The answer holds no code.")
    return code


def _check_redirect_uri(uri: str) -> None:
    """An https address, an http one of the browser's own machine, or one of an application's own scheme (RFC 8252)."""
    if len(uri) > MAX_PARAMETER or not _REDIRECT_URI.match(uri) or "#" in uri:
        raise ProtocolError("invalid_request", "redirect_uri is not an address to return to.")
    try:
        scheme = urlsplit(uri).scheme
    except ValueError as cause:
        raise ProtocolError("invalid_request", "redirect_uri is not an address to return to.") from cause
    if scheme in _BROWSERS_SCHEMES:
        raise ProtocolError("invalid_request", "redirect_uri is an address of the browser's own.")
    if scheme in ("http", "https") and not _HOST.match(urlsplit(check_url(uri, code="invalid_request")).netloc):
        raise ProtocolError("invalid_request", "redirect_uri has no plain host.")


def _parse_scopes(text: str) -> tuple[str, ...]:
    if not text:
        return ()
    scopes = tuple(dict.fromkeys(text.split(" ")))
    if not _SCOPE.match(text) or len(scopes) > _MAX_SCOPES:
        raise ProtocolError("invalid_scope", "scope is not a list of scope values.")
    return scopes


def _return_url(return_address: ReturnAddress, fields: Mapping[str, str], issuer: str) -> str:
    state = {} if return_address.state is None else {"state": return_address.state}
    return _with_query(return_address.redirect_uri, {**fields, **state, "iss": issuer})


def _with_query(url: str, fields: Mapping[str, str]) -> str:
    """The address with these parameters after those that it has (RFC 6749 section 3.1.2)."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(fields)}"
