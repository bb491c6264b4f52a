"""Credential requests, and the answers of the nonce and credential endpoints."""

from __future__ import annotations

from typing import Any

import pytest

from vc_core.encoding import compact_json
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vci.credential import (
    CredentialRequest,
    create_credential_request,
    create_credential_response,
    parse_credential_request,
    parse_credential_response,
)
from vc_core.protocols.openid4vci.nonce import create_nonce_response, parse_nonce_response


def refusal(call: Any, *arguments: Any, **named: Any) -> str:
    """The code with which the call is refused."""
    with pytest.raises(ProtocolError) as refused:
        call(*arguments, **named)
    return str(refused.value.code)


def test_a_credential_request_is_read_as_it_was_made() -> None:
    body = compact_json(create_credential_request("A", proof_jwt="x.y.z"))
    assert parse_credential_request(body) == CredentialRequest("A", "x.y.z")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"credential_configuration_id": None}, "invalid_credential_request"),
        ({"credential_configuration_id": 7}, "invalid_credential_request"),
        ({"credential_identifier": "A"}, "invalid_credential_request"),
        ({"credential_response_encryption": {}}, "invalid_encryption_parameters"),
        ({"proofs": None}, "invalid_proof"),
        ({"proofs": {}}, "invalid_proof"),
        ({"proofs": {"di_vp": [{}]}}, "invalid_proof"),
        ({"proofs": {"jwt": ["a"], "attestation": ["b"]}}, "invalid_proof"),
        ({"proofs": {"jwt": []}}, "invalid_proof"),
        ({"proofs": {"jwt": ["a", "b"]}}, "invalid_proof"),
        ({"proofs": {"jwt": [5]}}, "invalid_proof"),
    ],
)
def test_bad_credential_requests_get_the_codes_of_the_specification(change: dict[str, Any], code: str) -> None:
    body = compact_json(create_credential_request("A", proof_jwt="x.y.z") | change)
    assert refusal(parse_credential_request, body) == code


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a":NaN}', b'{"proofs":{},"proofs":{}}', b"\xff"])
def test_a_credential_request_that_is_no_json_object(body: bytes) -> None:
    assert refusal(parse_credential_request, body) == "invalid_credential_request"


def test_an_identifier_instead_of_a_configuration_is_unknown() -> None:
    assert refusal(parse_credential_request, b'{"credential_identifier":"x"}') == "unknown_credential_identifier"


def test_nonce_and_credential_responses_round_trip() -> None:
    assert parse_nonce_response(create_nonce_response("n")) == "n"
    assert parse_credential_response(create_credential_response("c")) == "c"


@pytest.mark.parametrize(
    "value", [{}, {"transaction_id": "x"}, {"credentials": []}, {"credentials": ["c"]}, {"credentials": [{}]}]
)
def test_a_response_without_exactly_one_credential(value: dict[str, Any]) -> None:
    assert refusal(parse_credential_response, value) == "server_error"
