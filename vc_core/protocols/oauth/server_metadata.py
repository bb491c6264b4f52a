"""Authorization server metadata (RFC 8414): what a server can do, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vc_core.errors import ProtocolError
from vc_core.protocols.addresses import check_url, well_known_url
from vc_core.protocols.oauth.token import PRE_AUTHORIZED_CODE_GRANT


@dataclass(frozen=True)
class AuthorizationServerMetadata:
    """What a wallet needs of RFC 8414 metadata: who the server says it is, and its token endpoint."""

    issuer: str
    token_endpoint: str


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
