"""Messages of the token endpoint."""

from __future__ import annotations

import pytest

from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.token import (
    PRE_AUTHORIZED_CODE_GRANT,
    TokenRequest,
    TokenResponse,
    create_token_request,
    create_token_response,
    parse_token_request,
    parse_token_response,
)

GRANT = ("grant_type", PRE_AUTHORIZED_CODE_GRANT)
CODE = ("pre-authorized_code", "abc")


def test_a_token_request_is_read_as_it_was_made() -> None:
    fields = list(create_token_request("abc", tx_code="123456").items())
    assert parse_token_request(fields) == TokenRequest("abc", "123456")
    assert parse_token_request([GRANT, CODE, ("client_id", "x")]).tx_code is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([], "invalid_request"),
        ([CODE], "invalid_request"),
        ([GRANT], "invalid_request"),
        ([GRANT, ("pre-authorized_code", "")], "invalid_request"),
        ([GRANT, CODE, CODE], "invalid_request"),
        ([GRANT, CODE, ("x", "y" * 3000)], "invalid_request"),
        ([GRANT, CODE, ("tx_code", "1\n2")], "invalid_request"),
        ([("grant_type", "authorization_code"), CODE], "unsupported_grant_type"),
    ],
)
def test_bad_token_requests_get_the_codes_of_rfc_6749(fields: list[tuple[str, str]], code: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse_token_request(fields)
    assert refused.value.code == code


def test_a_token_response_is_read_as_it_was_made() -> None:
    response = create_token_response("token", expires_in=60)
    assert parse_token_response(response) == TokenResponse("token", 60)


@pytest.mark.parametrize(
    "change",
    [
        {"access_token": None},
        {"access_token": "a\nb"},
        {"token_type": "DPoP"},
        {"expires_in": -1},
        {"expires_in": True},
        {"authorization_details": []},
    ],
)
def test_unusable_token_responses_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse_token_response(create_token_response("token", expires_in=60) | change)
    assert refused.value.code == "server_error"
