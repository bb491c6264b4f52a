"""Requests through the browser's Digital Credentials API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.requests import create_request, sign_request
from tests.vc_core.protocols.openid4vp.test_request import refusal
from vc_core.protocols.openid4vp.digital_credentials import (
    create_signed_request,
    create_unsigned_request,
    origin_audience,
    parse_digital_credentials_request,
)
from vc_core.protocols.openid4vp.request import ResponseMode, create_authorization_request
from vc_core.protocols.openid4vp.request_object import UnverifiedRequestObject

ORIGIN = "https://desk.riverside.example"
DC_API: dict[str, Any] = {"response_mode": ResponseMode.DC_API, "response_uri": None, "state": None}
UNSIGNED = create_request(client_id=None, **DC_API)
SIGNED = create_request(expected_origins=(ORIGIN,), **DC_API)


def test_an_unsigned_request_is_read_without_what_a_wallet_must_ignore() -> None:
    entry = create_unsigned_request(UNSIGNED)
    assert entry["protocol"] == "openid4vp-v1-unsigned"
    entry["data"] |= {"client_id": "decentralized_identifier:did:x:1", "expected_origins": [ORIGIN], "state": "x"}
    assert parse_digital_credentials_request(entry) == UNSIGNED


def test_a_signed_request_says_whose_pages_it_is_for() -> None:
    read = parse_digital_credentials_request(create_signed_request(sign_request(SIGNED)))
    assert isinstance(read, UnverifiedRequestObject)
    assert read.request == SIGNED


def test_an_unsigned_request_has_no_client_id() -> None:
    with pytest.raises(ValueError, match="client_id"):
        create_unsigned_request(SIGNED)


@pytest.mark.parametrize(
    "entry",
    [
        None,
        {},
        {"protocol": "openid4vp-v1-unsigned"},
        {"protocol": "openid4vp-v1-multisigned", "data": {"payload": "", "signatures": []}},
        {"protocol": "openid4vp", "data": create_authorization_request(UNSIGNED)},
        {"protocol": "openid4vp-v1-unsigned", "data": create_authorization_request(create_request())},
        create_signed_request(sign_request(create_request())),
        create_signed_request(sign_request(create_request(**DC_API))),
        {"protocol": "openid4vp-v1-signed", "data": {"request": 1}},
    ],
)
def test_requests_that_are_refused(entry: Any) -> None:
    assert refusal(lambda: parse_digital_credentials_request(entry)) == "invalid_request"


def test_the_audience_is_the_page() -> None:
    assert origin_audience(ORIGIN) == "origin:https://desk.riverside.example"
