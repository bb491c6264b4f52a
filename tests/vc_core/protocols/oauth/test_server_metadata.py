"""Metadata of authorization servers."""

from __future__ import annotations

import pytest

from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.server_metadata import (
    AuthorizationServerMetadata,
    create_authorization_server_metadata,
    parse_authorization_server_metadata,
)


def test_server_metadata_round_trip() -> None:
    issuer = "https://issuer.test"
    value = create_authorization_server_metadata(issuer, token_endpoint=issuer + "/token")
    parsed = parse_authorization_server_metadata(value, expected_issuer=issuer)
    assert parsed == AuthorizationServerMetadata(issuer, issuer + "/token")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"issuer": "https://issuer.test/"}, "server_error"),
        ({"token_endpoint": "http://issuer.test/token"}, "server_error"),
        ({"token_endpoint": 5}, "server_error"),
        ({"grant_types_supported": ["authorization_code"]}, "unsupported_grant_type"),
        ({"pre-authorized_grant_anonymous_access_supported": "true"}, "unsupported_grant_type"),
    ],
)
def test_server_metadata_that_will_not_do(change: dict[str, object], code: str) -> None:
    issuer = "https://issuer.test"
    value = create_authorization_server_metadata(issuer, token_endpoint=issuer + "/token") | change
    with pytest.raises(ProtocolError) as refused:
        parse_authorization_server_metadata(value, expected_issuer=issuer)
    assert refused.value.code == code
