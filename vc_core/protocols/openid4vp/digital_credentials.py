"""OpenID4VP over the browser's Digital Credentials API (OpenID4VP 1.0 appendix A).

    navigator.credentials.get({digital: {requests: [{protocol, data}]}})  ──▶ wallet ──▶ {protocol, data}

The browser tells the wallet the page's origin, and that origin, not the client identifier, is the audience of what the
holder presents: `origin:https://desk.example`. In a signed request the verifier names its own origins, so that nobody
else's page can pass the request on.
"""

from __future__ import annotations

from typing import Any

from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vp.request import (
    AuthorizationRequest,
    create_authorization_request,
    parse_authorization_request,
)
from vc_core.protocols.openid4vp.request_object import UnverifiedRequestObject, parse_request_object

UNSIGNED = "openid4vp-v1-unsigned"
SIGNED = "openid4vp-v1-signed"


def create_unsigned_request(request: AuthorizationRequest) -> dict[str, Any]:
    """An entry of `requests`, for a request without `client_id` and without `expected_origins`."""
    if request.client_id is not None or request.expected_origins or not request.response_mode.is_dc_api:
        raise ValueError("an unsigned request of this API has neither a client_id nor expected_origins")
    return {"protocol": UNSIGNED, "data": create_authorization_request(request)}


def create_signed_request(request_object: str) -> dict[str, Any]:
    """An entry of `requests`, for a request object whose request has `expected_origins`."""
    return {"protocol": SIGNED, "data": {"request": request_object}}


def parse_digital_credentials_request(value: Any) -> AuthorizationRequest | UnverifiedRequestObject:
    """An entry of `requests`, as the platform hands it to a wallet.

    A `client_id`, `expected_origins` in an unsigned one are left out, as A.2 says. Raises `ProtocolError` as
    `parse_authorization_request` and `parse_request_object`; `invalid_request` for a protocol that is not known.
    """
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, dict):
        raise ProtocolError("invalid_request", "This is not a request for credentials.")
    if value.get("protocol") == SIGNED and isinstance(data.get("request"), str):
        parsed = parse_request_object(data["request"])
        _check_mode(parsed.request)
        if not parsed.request.expected_origins or parsed.request.client_id is None:
            raise ProtocolError("invalid_request", "The request does not say whose pages it is for.")
        return parsed
    if value.get("protocol") != UNSIGNED:
        raise ProtocolError("invalid_request", "This kind of request is not known here.")
    ignored = ("client_id", "expected_origins")
    return _check_mode(parse_authorization_request({name: data[name] for name in data if name not in ignored}))


def origin_audience(origin: str) -> str:
    """The audience of a presentation that goes to a page of this origin (appendix A.4)."""
    return f"origin:{origin}"


def _check_mode(request: AuthorizationRequest) -> AuthorizationRequest:
    if not request.response_mode.is_dc_api:
        raise ProtocolError("invalid_request", "The answer to this request would go elsewhere than back.")
    return request
