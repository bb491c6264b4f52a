"""Error responses."""

from __future__ import annotations

import pytest

from vc_core.protocols.oauth.errors import parse_error_response


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
    error = parse_error_response(body)
    assert error.code == code
    assert "secret" not in error.message
