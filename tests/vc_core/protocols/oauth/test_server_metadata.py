"""Metadata of authorization servers."""

from __future__ import annotations

from typing import Any

import pytest

from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.server_metadata import (
    AuthorizationEndpoints,
    AuthorizationServerMetadata,
    ClientProofs,
    create_authorization_server_metadata,
    parse_authorization_server_metadata,
)
from vc_core.protocols.oauth.token import PRE_AUTHORIZED_CODE_GRANT

ISSUER = "https://issuer.test"
CHALLENGE = ISSUER + "/challenge"


def create(**changes: Any) -> dict[str, Any]:
    """Metadata of a server that has everything."""
    value = create_authorization_server_metadata(
        ISSUER,
        token_endpoint=ISSUER + "/token",
        authorization=AuthorizationEndpoints(ISSUER + "/authorize", ISSUER + "/par", True, ["A"]),
    )
    return value | changes


def parse(value: dict[str, Any]) -> AuthorizationServerMetadata:
    """The metadata as a wallet reads it."""
    return parse_authorization_server_metadata(value, expected_issuer=ISSUER)


def test_server_metadata_round_trip() -> None:
    assert parse(create()) == AuthorizationServerMetadata(
        ISSUER,
        ISSUER + "/token",
        ISSUER + "/authorize",
        ISSUER + "/par",
        True,
        ("authorization_code", PRE_AUTHORIZED_CODE_GRANT, "refresh_token"),
    )
    parse(create()).require_pre_authorized_code()
    assert parse(create()).require_authorization_code() == ISSUER + "/authorize"


@pytest.mark.parametrize(
    ("proofs", "dpop", "methods", "challenge", "anonymous"),
    [
        (ClientProofs(), (), ("none",), None, True),
        (ClientProofs(dpop=True), ("ES256",), ("none",), None, True),
        (ClientProofs(True, CHALLENGE), ("ES256",), ("none", "attest_jwt_client_auth"), CHALLENGE, True),
        (ClientProofs(False, CHALLENGE, False), (), ("attest_jwt_client_auth",), CHALLENGE, False),
    ],
)
def test_the_proofs_that_a_server_looks_at(
    proofs: ClientProofs, dpop: tuple[str, ...], methods: tuple[str, ...], challenge: str | None, anonymous: bool
) -> None:
    value = create_authorization_server_metadata(ISSUER, token_endpoint=ISSUER + "/token", proofs=proofs)
    read = parse(value)
    assert (read.dpop_algorithms, read.client_authentication_methods) == (dpop, methods)
    assert (read.challenge_endpoint, read.anonymous_pre_authorized) == (challenge, anonymous)
    for name in (
        "client_attestation_signing_alg_values_supported",
        "client_attestation_pop_signing_alg_values_supported",
    ):
        assert value.get(name) == (None if challenge is None else ["ES256"])


@pytest.mark.parametrize(
    "change",
    [
        {"challenge_endpoint": 5},
        {"issuer": "https://issuer.test/"},
        {"token_endpoint": "http://issuer.test/token"},
        {"token_endpoint": 5},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"grant_types_supported": "authorization_code"},
        {"dpop_signing_alg_values_supported": [5]},
    ],
)
def test_server_metadata_that_will_not_do(change: dict[str, object]) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse(create(**change))
    assert refused.value.code == "server_error"


@pytest.mark.parametrize(
    "change",
    [
        {"grant_types_supported": ["authorization_code"]},
        {"pre-authorized_grant_anonymous_access_supported": "true"},
    ],
)
def test_a_server_that_takes_no_code_from_anybody(change: dict[str, object]) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse(create(**change)).require_pre_authorized_code()
    assert refused.value.code == "unsupported_grant_type"


@pytest.mark.parametrize(
    "change",
    [
        {"grant_types_supported": [PRE_AUTHORIZED_CODE_GRANT]},
        {"authorization_endpoint": None},
        {"code_challenge_methods_supported": ["plain"]},
        {"authorization_response_iss_parameter_supported": False},
    ],
)
def test_a_server_whose_page_a_wallet_does_not_open(change: dict[str, object]) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse(create(**change)).require_authorization_code()
    assert refused.value.code == "unsupported_grant_type"
