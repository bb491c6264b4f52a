"""Messages of the token endpoint."""

from __future__ import annotations

import pytest

from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.token import (
    DPOP,
    PRE_AUTHORIZED_CODE_GRANT,
    AuthorizationCodeGrant,
    PreAuthorizedCodeGrant,
    RefreshTokenGrant,
    TokenRequest,
    TokenResponse,
    create_token_request,
    create_token_response,
    parse_token_request,
    parse_token_response,
)

ISSUER = "https://issuer.test"
GRANT = ("grant_type", PRE_AUTHORIZED_CODE_GRANT)
CODE = ("pre-authorized_code", "abc")
VERIFIER = "v" * 43


@pytest.mark.parametrize(
    "request_",
    [
        TokenRequest(PreAuthorizedCodeGrant("abc", "123456")),
        TokenRequest(PreAuthorizedCodeGrant("abc")),
        TokenRequest(PreAuthorizedCodeGrant("abc"), "wallet", ("A_dc+sd-jwt", "B_ldp_vc")),
        TokenRequest(AuthorizationCodeGrant("abc", "https://wallet.test/back", VERIFIER), "wallet"),
        TokenRequest(RefreshTokenGrant("abc"), "wallet"),
    ],
)
def test_a_token_request_is_read_as_it_was_made(request_: TokenRequest) -> None:
    for location in (None, ISSUER):
        fields = list(create_token_request(request_, location=location).items())
        assert parse_token_request([*fields, ("unknown", "x")], credential_issuer=ISSUER) == request_


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
        ([GRANT, CODE, ("client_id", "a b")], "invalid_request"),
        ([GRANT, CODE, ("client_id", "a" * 301)], "invalid_request"),
        ([GRANT, CODE, ("authorization_details", "[]")], "invalid_authorization_details"),
        ([GRANT, CODE, ("resource", "https://evil.test")], "invalid_target"),
        ([("grant_type", "password"), CODE], "unsupported_grant_type"),
        ([("grant_type", "refresh_token")], "invalid_request"),
        ([("grant_type", "refresh_token"), ("refresh_token", "x"), ("tx_code", "1")], "invalid_request"),
        ([("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", "x")], "invalid_request"),
        (
            [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", "x"), ("code_verifier", "short")],
            "invalid_request",
        ),
        ([("grant_type", "authorization_code"), ("code", "x"), ("code_verifier", VERIFIER)], "invalid_request"),
        ([("grant_type", "authorization_code"), ("redirect_uri", "x"), ("code_verifier", VERIFIER)], "invalid_request"),
    ],
)
def test_bad_token_requests_get_the_codes_of_rfc_6749(fields: list[tuple[str, str]], code: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse_token_request(fields, credential_issuer=ISSUER)
    assert refused.value.code == code


def test_a_token_response_is_read_as_it_was_made() -> None:
    assert parse_token_response(create_token_response("token", expires_in=60)) == TokenResponse("token", 60)
    full = create_token_response(
        "token", expires_in=60, token_type=DPOP, refresh_token="again", credential_identifiers={"A": ["1", "2"]}
    )
    assert parse_token_response(full) == TokenResponse("token", 60, DPOP, "again", {"A": ("1", "2")})
    assert create_token_response("token", expires_in=60, scopes=["A", "B"])["scope"] == "A B"


@pytest.mark.parametrize(
    "change",
    [
        {"access_token": None},
        {"access_token": "a\nb"},
        {"token_type": "mac"},
        {"expires_in": -1},
        {"expires_in": True},
        {"refresh_token": 5},
        {"authorization_details": []},
        {"authorization_details": [5]},
        {"authorization_details": [{"type": "openid_credential", "credential_configuration_id": "A"}]},
        {"authorization_details": [{"type": "openid_credential", "credential_identifiers": ["1"]}]},
    ],
)
def test_unusable_token_responses_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse_token_response(create_token_response("token", expires_in=60) | change)
    assert refused.value.code == "server_error"
