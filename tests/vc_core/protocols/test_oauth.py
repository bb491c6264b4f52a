"""OAuth messages of the pre-authorized code flow."""

from __future__ import annotations

import pytest

from vc_core.errors import ProtocolError
from vc_core.protocols import oauth

GRANT = ("grant_type", oauth.PRE_AUTHORIZED_CODE_GRANT)
CODE = ("pre-authorized_code", "abc")


def test_a_token_request_is_read_as_it_was_made() -> None:
    fields = list(oauth.create_token_request("abc", tx_code="123456").items())
    assert oauth.parse_token_request(fields) == oauth.TokenRequest("abc", "123456")
    assert oauth.parse_token_request([GRANT, CODE, ("client_id", "x")]).tx_code is None


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
        oauth.parse_token_request(fields)
    assert refused.value.code == code


def test_a_token_response_is_read_as_it_was_made() -> None:
    response = oauth.create_token_response("token", expires_in=60)
    assert oauth.parse_token_response(response) == oauth.TokenResponse("token", 60)


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
        oauth.parse_token_response(oauth.create_token_response("token", expires_in=60) | change)
    assert refused.value.code == "server_error"


def test_server_metadata_round_trip() -> None:
    issuer = "https://issuer.test"
    value = oauth.create_authorization_server_metadata(issuer, token_endpoint=issuer + "/token")
    parsed = oauth.parse_authorization_server_metadata(value, expected_issuer=issuer)
    assert parsed == oauth.AuthorizationServerMetadata(issuer, issuer + "/token")


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
    value = oauth.create_authorization_server_metadata(issuer, token_endpoint=issuer + "/token") | change
    with pytest.raises(ProtocolError) as refused:
        oauth.parse_authorization_server_metadata(value, expected_issuer=issuer)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        ("https://x.test", "https://x.test/.well-known/oauth-authorization-server"),
        ("https://x.test/", "https://x.test/.well-known/oauth-authorization-server"),
        ("https://x.test:8443/a/b/", "https://x.test:8443/.well-known/oauth-authorization-server/a/b"),
    ],
)
def test_the_well_known_part_goes_between_host_and_path(issuer: str, expected: str) -> None:
    assert oauth.authorization_server_metadata_url(issuer) == expected


@pytest.mark.parametrize("url", ["https://a.test/x?y=1", "http://127.0.0.1:8001", "http://localhost", "http://[::1]/"])
def test_addresses_that_may_be_asked(url: str) -> None:
    assert oauth.check_url(url, code="invalid_request") == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "http://issuer.test",
        "ftp://issuer.test",
        "https://user@issuer.test",
        "https://issuer.test#x",
        "https://",
        "https://a b",
        "https://a.test:99999",
        "https://[::1",
        "javascript:alert(1)",
        "https://a.test/" + "x" * 3000,
        "https://ส.test",
    ],
)
def test_addresses_that_are_refused(url: object) -> None:
    with pytest.raises(ProtocolError, match="address"):
        oauth.check_url(url, code="invalid_request")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"error":"invalid_grant","error_description":"secret"}', "invalid_grant"),
        (b"<html>", "server_error"),
        (b'{"error":"a b"}', "server_error"),
        (b'{"error":5}', "server_error"),
    ],
)
def test_an_error_response_keeps_its_code_and_none_of_its_words(body: bytes, code: str) -> None:
    error = oauth.parse_error_response(body)
    assert error.code == code
    assert "secret" not in error.message
