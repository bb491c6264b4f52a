"""Messages of pushed authorization requests."""

from __future__ import annotations

import pytest

from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.pushed_authorization import (
    PushedAuthorizationResponse,
    PushedRequestReference,
    create_pushed_authorization_response,
    create_pushed_reference,
    parse_pushed_authorization_response,
    parse_pushed_reference,
)

SECRET = "s" * 43
URI = "urn:ietf:params:oauth:request_uri:" + SECRET


def test_both_messages_are_read_as_they_were_made() -> None:
    response = parse_pushed_authorization_response(create_pushed_authorization_response(SECRET, expires_in=90))
    assert response == PushedAuthorizationResponse(URI, 90)
    fields = list(create_pushed_reference("wallet", URI).items())
    assert parse_pushed_reference([*fields, ("state", "x")]) == PushedRequestReference("wallet", URI)
    assert parse_pushed_reference([("client_id", "wallet")]) is None


@pytest.mark.parametrize("value", [{}, {"request_uri": URI}, {"request_uri": 5, "expires_in": 9}, {"expires_in": 9}])
def test_responses_that_will_not_do(value: dict[str, object]) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse_pushed_authorization_response(value)
    assert refused.value.code == "server_error"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([("client_id", "wallet"), ("request_uri", "https://wallet.test/request")], "invalid_request_uri"),
        ([("client_id", "wallet"), ("request_uri", URI + "\n")], "invalid_request_uri"),
        ([("client_id", "wallet"), ("request_uri", URI), ("request_uri", URI)], "invalid_request"),
        ([("request_uri", URI)], "invalid_request"),
        ([("client_id", "wal\0let"), ("request_uri", URI)], "invalid_request"),
    ],
)
def test_references_that_will_not_do(fields: list[tuple[str, str]], code: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse_pushed_reference(fields)
    assert refused.value.code == code
