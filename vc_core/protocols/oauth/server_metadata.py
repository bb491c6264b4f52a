"""Authorization server metadata (RFC 8414): what a server can do, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vc_core.errors import ProtocolError
from vc_core.protocols.addresses import check_url, well_known_url
from vc_core.protocols.oauth.authorization_details import OPENID_CREDENTIAL
from vc_core.protocols.oauth.client_attestation import ATTESTATION_ALGORITHMS, ATTESTATION_AUTH_METHOD
from vc_core.protocols.oauth.dpop import DPOP_ALGORITHMS
from vc_core.protocols.oauth.pkce import S256
from vc_core.protocols.oauth.token import AUTHORIZATION_CODE_GRANT, PRE_AUTHORIZED_CODE_GRANT, REFRESH_TOKEN_GRANT

_MAX_VALUES = 200


@dataclass(frozen=True)
class AuthorizationServerMetadata:
    """What a wallet needs of RFC 8414 metadata. Endpoints are None where the server has none."""

    issuer: str
    token_endpoint: str
    authorization_endpoint: str | None = None
    pushed_authorization_request_endpoint: str | None = None
    require_pushed_authorization_requests: bool = False
    grant_types: tuple[str, ...] = (PRE_AUTHORIZED_CODE_GRANT,)
    anonymous_pre_authorized: bool = True
    dpop_algorithms: tuple[str, ...] = ()
    client_authentication_methods: tuple[str, ...] = ("none",)
    challenge_endpoint: str | None = None

    def require_pre_authorized_code(self) -> None:
        """Returns when a wallet without a client id may redeem codes. Raises `ProtocolError` `unsupported_grant_type`.

        A wallet with an attestation of its own has a client id, and may ask `grant_types` instead.
        """
        if PRE_AUTHORIZED_CODE_GRANT not in self.grant_types:
            raise ProtocolError("unsupported_grant_type", "The authorization server takes no pre-authorized codes.")
        if not self.anonymous_pre_authorized:
            raise ProtocolError("unsupported_grant_type", "The authorization server only serves wallets it knows.")

    def require_authorization_code(self) -> str:
        """The authorization endpoint of a server that this wallet can use; PKCE and `iss` are in its metadata.

        Raises `ProtocolError` `unsupported_grant_type`.
        """
        if AUTHORIZATION_CODE_GRANT not in self.grant_types or self.authorization_endpoint is None:
            raise ProtocolError("unsupported_grant_type", "The authorization server has no page to sign in at.")
        return self.authorization_endpoint


def authorization_server_metadata_url(issuer: str) -> str:
    """Where an authorization server's metadata is (RFC 8414 section 3.1)."""
    return well_known_url(issuer.rstrip("/"), "oauth-authorization-server")


@dataclass(frozen=True)
class AuthorizationEndpoints:
    """Where wallets begin the authorization code flow, and whether they must push their requests first (RFC 9126)."""

    authorization_endpoint: str
    pushed_authorization_request_endpoint: str
    require_pushed_authorization_requests: bool
    scopes: Sequence[str]


@dataclass(frozen=True)
class ClientProofs:
    """By what clients prove who they are: DPoP or not (RFC 9449), an attestation of theirs or not.

    Attestations are looked at where there is a `challenge_endpoint`; `anonymous` clients do without one.
    """

    dpop: bool = False
    challenge_endpoint: str | None = None
    anonymous: bool = True


_NO_PROOFS = ClientProofs()


def create_authorization_server_metadata(
    issuer: str,
    *,
    token_endpoint: str,
    authorization: AuthorizationEndpoints | None = None,
    proofs: ClientProofs = _NO_PROOFS,
    pre_authorized: bool = True,
) -> dict[str, Any]:
    """The metadata of a server for wallets, which have no secrets of their own: all that it says is so.

    `authorization` is None for a server that takes pre-authorized codes only, `pre_authorized` false for one that takes
    none.
    """
    metadata: dict[str, Any] = {
        "issuer": issuer,
        "token_endpoint": token_endpoint,
        "grant_types_supported": [*([PRE_AUTHORIZED_CODE_GRANT] if pre_authorized else []), REFRESH_TOKEN_GRANT],
        "response_types_supported": [],
        "authorization_details_types_supported": [OPENID_CREDENTIAL],
        **_metadata_of_proofs(proofs),
    }
    if authorization is None:
        return metadata
    return metadata | {
        "authorization_endpoint": authorization.authorization_endpoint,
        "pushed_authorization_request_endpoint": authorization.pushed_authorization_request_endpoint,
        "require_pushed_authorization_requests": authorization.require_pushed_authorization_requests,
        "grant_types_supported": [AUTHORIZATION_CODE_GRANT, *metadata["grant_types_supported"]],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "scopes_supported": list(authorization.scopes),
        "code_challenge_methods_supported": [S256],
        "authorization_response_iss_parameter_supported": True,
    }


def _metadata_of_proofs(proofs: ClientProofs) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "token_endpoint_auth_methods_supported": ["none"] if proofs.anonymous else [],
        "pre-authorized_grant_anonymous_access_supported": proofs.anonymous,
    }
    if proofs.dpop:
        metadata["dpop_signing_alg_values_supported"] = list(DPOP_ALGORITHMS)
    if proofs.challenge_endpoint is not None:
        metadata["token_endpoint_auth_methods_supported"] += [ATTESTATION_AUTH_METHOD]
        metadata["challenge_endpoint"] = proofs.challenge_endpoint
        metadata["client_attestation_signing_alg_values_supported"] = list(ATTESTATION_ALGORITHMS)
        metadata["client_attestation_pop_signing_alg_values_supported"] = list(ATTESTATION_ALGORITHMS)
    return metadata


def parse_authorization_server_metadata(
    value: Mapping[str, Any], *, expected_issuer: str
) -> AuthorizationServerMetadata:
    """Metadata fetched for `expected_issuer`; unknown members are ignored.

    An authorization endpoint is left out where the server does not say that it has PKCE with `S256` and that it names
    itself in its answers (RFC 9207): this wallet does not go there. Raises `ProtocolError` `server_error` where the
    metadata is not that server's, or not of its form.
    """
    if value.get("issuer") != expected_issuer:
        raise ProtocolError("server_error", "The authorization server's metadata names another server.")
    grants = _texts(value, "grant_types_supported", (AUTHORIZATION_CODE_GRANT, "implicit"))
    safe = S256 in _texts(value, "code_challenge_methods_supported", ())
    safe = safe and value.get("authorization_response_iss_parameter_supported") is True
    return AuthorizationServerMetadata(
        expected_issuer,
        check_url(value.get("token_endpoint"), code="server_error"),
        _url(value, "authorization_endpoint") if safe else None,
        _url(value, "pushed_authorization_request_endpoint"),
        value.get("require_pushed_authorization_requests") is True,
        grants,
        value.get("pre-authorized_grant_anonymous_access_supported") is True,
        _texts(value, "dpop_signing_alg_values_supported", ()),
        _texts(value, "token_endpoint_auth_methods_supported", ("client_secret_basic",)),
        _url(value, "challenge_endpoint"),
    )


def _url(value: Mapping[str, Any], name: str) -> str | None:
    return None if value.get(name) is None else check_url(value[name], code="server_error")


def _texts(value: Mapping[str, Any], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    texts = value.get(name)
    if texts is None:
        return default
    if not isinstance(texts, list) or len(texts) > _MAX_VALUES or not all(isinstance(each, str) for each in texts):
        raise ProtocolError("server_error", "The authorization server's metadata has a list that can't be read.")
    return tuple(texts)
