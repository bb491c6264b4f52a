"""The token endpoint's messages (RFC 6749 sections 4 to 6, OpenID4VCI 1.0 section 6).

Three grants lead to an access token. The pre-authorized code needs no browser and no client registration: an office
that knows the patient hands out a code, and whoever shows it and the transaction code that goes with it gets a token.
The authorization code comes from the authorization endpoint and is bound to the client that began there (PKCE, RFC
7636). A refresh token brings a new access token, to fetch the same credentials anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from vc_core.encoding import compact_json
from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.authorization_details import (
    check_resource,
    create_authorization_details,
    create_granted_details,
    parse_authorization_details,
    parse_granted_details,
)
from vc_core.protocols.oauth.pkce import check_code_verifier

PRE_AUTHORIZED_CODE_GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
AUTHORIZATION_CODE_GRANT = "authorization_code"
REFRESH_TOKEN_GRANT = "refresh_token"  # noqa: S105 - the name of a grant
BEARER, DPOP = "Bearer", "DPoP"

MAX_PARAMETER = 2048
MAX_CLIENT_ID = 300
MAX_DETAILS_TEXT = 8 * 1024
_TX_CODE = re.compile(r"[ -~]{1,64}\Z")
_TOKEN = re.compile(r"[!-~]+\Z")


@dataclass(frozen=True)
class PreAuthorizedCodeGrant:
    """A pre-authorized code (OpenID4VCI 1.0 section 6.1); `tx_code` None where none was sent."""

    pre_authorized_code: str
    tx_code: str | None = None


@dataclass(frozen=True)
class AuthorizationCodeGrant:
    """An authorization code with what it is bound to (RFC 6749 section 4.1.3, RFC 7636 section 4.5)."""

    code: str
    redirect_uri: str
    code_verifier: str


@dataclass(frozen=True)
class RefreshTokenGrant:
    """A refresh token (RFC 6749 section 6)."""

    refresh_token: str


Grant: TypeAlias = PreAuthorizedCodeGrant | AuthorizationCodeGrant | RefreshTokenGrant


@dataclass(frozen=True)
class TokenRequest:
    """A token request. `authorization_details` are the configurations that the token is to be for, None for all."""

    grant: Grant
    client_id: str | None = None
    authorization_details: tuple[str, ...] | None = None


@dataclass(frozen=True)
class TokenResponse:
    """An access token; `expires_in` in seconds, None where the server did not say.

    `token_type` is `Bearer` or `DPoP`. `credential_identifiers` are, by configuration, what to ask the credential
    endpoint for; None where it is to be asked by configuration.
    """

    access_token: str
    expires_in: int | None
    token_type: str = BEARER
    refresh_token: str | None = None
    credential_identifiers: Mapping[str, tuple[str, ...]] | None = None


def create_token_request(request: TokenRequest, *, location: str | None = None) -> dict[str, str]:
    """The form fields of a token request; `location` as in `create_authorization_request`."""
    match request.grant:
        case PreAuthorizedCodeGrant(code, tx_code):
            fields = {"grant_type": PRE_AUTHORIZED_CODE_GRANT, "pre-authorized_code": code}
            fields |= {} if tx_code is None else {"tx_code": tx_code}
        case AuthorizationCodeGrant(code, redirect_uri, code_verifier):
            fields = {"grant_type": AUTHORIZATION_CODE_GRANT, "code": code, "redirect_uri": redirect_uri}
            fields["code_verifier"] = code_verifier
        case RefreshTokenGrant(refresh_token):
            fields = {"grant_type": REFRESH_TOKEN_GRANT, "refresh_token": refresh_token}
    if request.client_id is not None:
        fields["client_id"] = request.client_id
    if location is not None:
        fields["resource"] = location
    if request.authorization_details is not None:
        details = create_authorization_details(request.authorization_details, location=location)
        fields["authorization_details"] = compact_json(details).decode("utf-8")
    return fields


def parse_token_request(fields: Sequence[tuple[str, str]], *, credential_issuer: str) -> TokenRequest:
    """Decoded form fields in the order sent; unknown ones are ignored (RFC 6749 section 3.2).

    Raises `ProtocolError`: `invalid_request` where a field is missing, sent twice, too long, or of another grant,
    `unsupported_grant_type` for any other grant, `invalid_authorization_details`, `invalid_target`.
    """
    values = dict(fields)
    if len(values) != len(fields):
        raise ProtocolError("invalid_request", "A parameter is sent twice.")
    for name, value in values.items():
        if len(value) > (MAX_DETAILS_TEXT if name == "authorization_details" else MAX_PARAMETER):
            raise ProtocolError("invalid_request", "A parameter is too long.")
    grant = _parse_grant(values)
    client_id = values.get("client_id") or None
    if client_id is not None and (len(client_id) > MAX_CLIENT_ID or not _TOKEN.match(client_id)):
        raise ProtocolError("invalid_request", "client_id is not of the form that a client's name has.")
    check_resource(values.get("resource"), credential_issuer=credential_issuer)
    details = values.get("authorization_details") or None
    if details is None:
        return TokenRequest(grant, client_id)
    return TokenRequest(grant, client_id, parse_authorization_details(details, credential_issuer=credential_issuer))


def create_token_response(
    access_token: str,
    *,
    expires_in: int,
    token_type: str = BEARER,
    refresh_token: str | None = None,
    credential_identifiers: Mapping[str, Sequence[str]] | None = None,
    scopes: Sequence[str] = (),
) -> dict[str, Any]:
    """A token response (RFC 6749 section 5.1); `expires_in` in seconds, identifiers by configuration.

    `scopes` are what was given where that may be less than was asked for.
    """
    response: dict[str, Any] = {"access_token": access_token, "token_type": token_type, "expires_in": expires_in}
    if refresh_token is not None:
        response["refresh_token"] = refresh_token
    if credential_identifiers is not None:
        response["authorization_details"] = create_granted_details(credential_identifiers)
    if scopes:
        response["scope"] = " ".join(scopes)
    return response


def parse_token_response(value: Mapping[str, Any]) -> TokenResponse:
    """A token response. Raises `ProtocolError` `server_error` where it holds no token that we can use."""
    token, expires_in, refresh_token = value.get("access_token"), value.get("expires_in"), value.get("refresh_token")
    if not _is_token(token):
        raise ProtocolError("server_error", "The answer holds no access token.")
    token_type = {"bearer": BEARER, "dpop": DPOP}.get(str(value.get("token_type", "")).lower())
    if token_type is None:
        raise ProtocolError("server_error", "The access token is of a type that we don't know.")
    if refresh_token is not None and not _is_token(refresh_token):
        raise ProtocolError("server_error", "The refresh token is not of a token's form.")
    if expires_in is not None and (type(expires_in) is not int or expires_in <= 0):
        raise ProtocolError("server_error", "The access token's lifetime is not a number of seconds.")
    granted = None
    if "authorization_details" in value:
        granted = parse_granted_details(value["authorization_details"])
    return TokenResponse(str(token), expires_in, token_type, refresh_token, granted)


def _parse_grant(values: Mapping[str, str]) -> Grant:
    grant_type = values.get("grant_type")
    if not grant_type:
        raise ProtocolError("invalid_request", "grant_type is missing.")
    if grant_type == PRE_AUTHORIZED_CODE_GRANT:
        return PreAuthorizedCodeGrant(_needed(values, "pre-authorized_code"), _parse_tx_code(values))
    if "tx_code" in values:
        raise ProtocolError("invalid_request", "tx_code belongs to a pre-authorized code.")
    if grant_type == AUTHORIZATION_CODE_GRANT:
        verifier = check_code_verifier(_needed(values, "code_verifier"))
        return AuthorizationCodeGrant(_needed(values, "code"), _needed(values, "redirect_uri"), verifier)
    if grant_type == REFRESH_TOKEN_GRANT:
        return RefreshTokenGrant(_needed(values, "refresh_token"))
    raise ProtocolError("unsupported_grant_type", "This server does not take that grant.")


def _parse_tx_code(values: Mapping[str, str]) -> str | None:
    tx_code = values.get("tx_code") or None
    if tx_code is not None and not _TX_CODE.match(tx_code):
        raise ProtocolError("invalid_request", "tx_code is not of the form that a transaction code has.")
    return tx_code


def _needed(values: Mapping[str, str], name: str) -> str:
    value = values.get(name)
    if not value:
        raise ProtocolError("invalid_request", f"{name} is missing.")
    return value


def _is_token(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_PARAMETER and _TOKEN.match(value) is not None
