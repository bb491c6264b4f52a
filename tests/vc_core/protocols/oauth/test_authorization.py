"""Messages of the authorization endpoint: rows I9 of the security design, and mix-up."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.authorization import (
    AuthorizationRequest,
    ReturnAddress,
    create_authorization_error_response,
    create_authorization_request,
    create_authorization_response,
    create_authorization_url,
    parse_authorization_request,
    parse_authorization_response,
    parse_return_address,
)

ISSUER = "https://issuer.test"
BACK = ReturnAddress("wallet", "https://wallet.test/back", "state")
REQUEST = AuthorizationRequest(BACK, "c" * 43, ("A_dc+sd-jwt", "B"), ("A_dc+sd-jwt",), "offer", "k" * 43)


def fields(**changes: str) -> list[tuple[str, str]]:
    """The fields of a good request, changed; empty ones are left out."""
    return [item for item in (create_authorization_request(REQUEST) | changes).items() if item[1]]


def _details(configuration_id: str) -> str:
    return json.dumps([{"type": "openid_credential", "credential_configuration_id": configuration_id}])


def refusal(call: Any, *arguments: Any, **named: Any) -> str:
    """The code with which the call is refused."""
    with pytest.raises(ProtocolError) as refused:
        call(*arguments, **named)
    return str(refused.value.code)


def parse(given_: list[tuple[str, str]]) -> AuthorizationRequest:
    """The request in these fields."""
    return parse_authorization_request(given_, parse_return_address(given_), credential_issuer=ISSUER)


@pytest.mark.parametrize("request_", [REQUEST, AuthorizationRequest(ReturnAddress("w", "app:/back"), "c" * 43)])
def test_a_request_is_read_as_it_was_made(request_: AuthorizationRequest) -> None:
    for location in (None, ISSUER):
        url = create_authorization_url(
            ISSUER + "/authorize?x=1", create_authorization_request(request_, location=location)
        )
        assert parse(parse_qsl(urlsplit(url).query)) == request_


@pytest.mark.parametrize(
    "given_",
    [
        fields(client_id=""),
        fields(redirect_uri=""),
        [*fields(), ("client_id", "wallet")],
        [*fields(), ("redirect_uri", "https://evil.test")],
        fields(client_id="x" * 301),
        fields(client_id="a\nb"),
        fields(redirect_uri="/back"),
        fields(redirect_uri="https://wallet.test/back#x"),
        fields(redirect_uri="https://wallet.test/ back"),
        fields(redirect_uri="https://wallet.test/" + "x" * 3000),
        fields(redirect_uri="http://wallet.test/back"),
        fields(redirect_uri="https://user@wallet.test/back"),
        fields(redirect_uri="https://wallet.test;script-src/back"),
        fields(redirect_uri="app://[x"),
        fields(redirect_uri="https://[x"),
        fields(redirect_uri="javascript:alert(1)"),
        fields(redirect_uri="data:text/html,x"),
    ],
)
def test_without_a_good_return_address_nobody_is_sent_anywhere(given_: list[tuple[str, str]]) -> None:
    assert refusal(parse_return_address, given_) == "invalid_request"


@pytest.mark.parametrize(
    ("given_", "code"),
    [
        (fields(code_challenge=""), "invalid_request"),
        (fields(code_challenge="short"), "invalid_request"),
        (fields(code_challenge_method=""), "invalid_request"),
        (fields(code_challenge_method="plain"), "invalid_request"),
        (fields(response_type=""), "invalid_request"),
        (fields(response_type="token"), "unsupported_response_type"),
        (fields(response_type="code id_token"), "unsupported_response_type"),
        (fields(response_mode="fragment"), "invalid_request"),
        (fields(scope="A  B"), "invalid_scope"),
        (fields(scope='A "B"'), "invalid_scope"),
        (fields(scope=" ".join(map(str, range(51)))), "invalid_scope"),
        (fields(authorization_details="[]"), "invalid_authorization_details"),
        (fields(resource="https://evil.test"), "invalid_target"),
        (fields(dpop_jkt="short"), "invalid_request"),
        (fields(request="eyJ"), "request_not_supported"),
        (fields(x="y" * 3000), "invalid_request"),
        ([*fields(), ("state", "other")], "invalid_request"),
        (fields(state="a\0b"), "invalid_request"),
        (fields(state="ไม่"), "invalid_request"),
        (fields(authorization_details=_details("A\0")), "invalid_authorization_details"),
    ],
)
def test_requests_that_go_back_with_an_error(given_: list[tuple[str, str]], code: str) -> None:
    address = parse_return_address(given_)
    assert address.state in ("state", None)
    assert refusal(parse_authorization_request, given_, address, credential_issuer=ISSUER) == code


@given(st.lists(st.tuples(st.sampled_from([name for name, _ in fields()]), st.text(max_size=50)), max_size=12))
def test_any_fields_are_a_request_or_a_refusal(given_: list[tuple[str, str]]) -> None:
    with suppress(ProtocolError):
        parse(given_)


def test_a_response_is_read_as_it_was_made() -> None:
    for back in (BACK, ReturnAddress("w", "http://127.0.0.1:5000/back?a=b")):
        url = create_authorization_response(back, code="co&de", issuer=ISSUER)
        assert url.startswith(back.redirect_uri)
        assert parse_authorization_response(url, expected_state=back.state, expected_issuer=ISSUER) == "co&de"


def test_an_error_response_brings_its_code() -> None:
    error = ProtocolError("access_denied", 'The "patient" said no, ไม่.')
    url = create_authorization_error_response(BACK, error, issuer=ISSUER)
    assert dict(parse_qsl(urlsplit(url).query))["error_description"].isascii()
    assert refusal(parse_authorization_response, url, expected_state="state", expected_issuer=ISSUER) == "access_denied"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=x&state=state",
        "code=x&iss=https://issuer.test",
        "code=x&state=other&iss=https://issuer.test",
        "code=x&state=state&iss=https://issuer.test.evil.test",
        "code=x&code=y&state=state&iss=https://issuer.test",
        "state=state&iss=https://issuer.test",
        "error=access_denied&state=state&iss=https://evil.test",
        "error=a%20b&state=state&iss=https://issuer.test",
    ],
)
def test_answers_that_a_wallet_does_not_take(query: str) -> None:
    url = f"https://wallet.test/back?{query}"
    assert refusal(parse_authorization_response, url, expected_state="state", expected_issuer=ISSUER) == "server_error"
