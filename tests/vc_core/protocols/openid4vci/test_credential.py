"""Credential requests, and the answers of the nonce and credential endpoints."""

from __future__ import annotations

from typing import Any

import pytest

from vc_core.crypto.jwe import EncryptionKey
from vc_core.encoding import compact_json
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vci.credential import (
    CredentialRequest,
    CredentialResponse,
    DeferredIssuance,
    IssuedCredentials,
    Proofs,
    ProofType,
    create_credential_request,
    create_credential_response,
    parse_credential_request,
    parse_credential_response,
)
from vc_core.protocols.openid4vci.encryption import ResponseEncryption
from vc_core.protocols.openid4vci.nonce import create_nonce_response, parse_nonce_response

KEY = EncryptionKey.generate()


def refusal(call: Any, *arguments: Any, **named: Any) -> str:
    """The code with which the call is refused."""
    with pytest.raises(ProtocolError) as refused:
        call(*arguments, **named)
    return str(refused.value.code)


def test_a_credential_request_is_read_as_it_was_made() -> None:
    body = compact_json(create_credential_request("A", proofs=["x.y.z", "u.v.w"]) | {"unknown": 1})
    assert parse_credential_request(body) == CredentialRequest("A", None, Proofs(ProofType.JWT, ("x.y.z", "u.v.w")))
    by_identifier = create_credential_request(
        credential_identifier="i",
        proofs=[{"type": "VerifiablePresentation"}],
        proof_type=ProofType.DI_VP,
        response_key=KEY,
        response_enc="A128GCM",
    )
    parsed = parse_credential_request(compact_json(by_identifier))
    assert (parsed.credential_configuration_id, parsed.credential_identifier) == (None, "i")
    assert parsed.proofs == Proofs(ProofType.DI_VP, ({"type": "VerifiablePresentation"},))
    assert parsed.response_encryption == ResponseEncryption(KEY.to_jwk(), "A128GCM")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"credential_configuration_id": None}, "invalid_credential_request"),
        ({"credential_configuration_id": 7}, "invalid_credential_request"),
        ({"credential_configuration_id": ""}, "invalid_credential_request"),
        ({"credential_configuration_id": "x" * 3000}, "invalid_credential_request"),
        ({"credential_identifier": "A"}, "invalid_credential_request"),
        ({"credential_identifier": None}, "invalid_credential_request"),
        ({"credential_response_encryption": {}}, "invalid_encryption_parameters"),
        ({"credential_response_encryption": "x"}, "invalid_encryption_parameters"),
        ({"credential_response_encryption": {"jwk": KEY.to_jwk()}}, "invalid_encryption_parameters"),
        ({"credential_response_encryption": {"enc": "A128GCM"}}, "invalid_encryption_parameters"),
        ({"credential_response_encryption": {"jwk": KEY.to_jwk(), "enc": "A192GCM"}}, "invalid_encryption_parameters"),
        (
            {"credential_response_encryption": {"jwk": KEY.to_jwk(), "enc": "A128GCM", "zip": "LZ"}},
            "invalid_encryption_parameters",
        ),
        (
            {"credential_response_encryption": {"jwk": KEY.to_jwk() | {"d": "AAAA"}, "enc": "A128GCM"}},
            "invalid_encryption_parameters",
        ),
        ({"proofs": None}, "invalid_proof"),
        ({"proofs": {}}, "invalid_proof"),
        ({"proofs": {"di_vp": ["a"]}}, "invalid_proof"),
        ({"proofs": {"ldp_vp": [{}]}}, "invalid_proof"),
        ({"proofs": {"jwt": ["a"], "attestation": ["b"]}}, "invalid_proof"),
        ({"proofs": {"attestation": ["a", "b"]}}, "invalid_proof"),
        ({"proofs": {"jwt": []}}, "invalid_proof"),
        ({"proofs": {"jwt": "a"}}, "invalid_proof"),
        ({"proofs": {"jwt": ["a"] * 101}}, "invalid_proof"),
        ({"proofs": {"jwt": [5]}}, "invalid_proof"),
    ],
)
def test_bad_credential_requests_get_the_codes_of_the_specification(change: dict[str, Any], code: str) -> None:
    body = compact_json(create_credential_request("A", proofs=["x.y.z"]) | change)
    assert refusal(parse_credential_request, body) == code


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a":NaN}', b'{"proofs":{},"proofs":{}}', b"\xff"])
def test_a_credential_request_that_is_no_json_object(body: bytes) -> None:
    assert refusal(parse_credential_request, body) == "invalid_credential_request"


@pytest.mark.parametrize(
    "response",
    [
        IssuedCredentials(("c",)),
        IssuedCredentials(("c", '{"type":"d"}'), notification_id="n"),
        DeferredIssuance("t", 5),
    ],
)
def test_nonce_and_credential_responses_round_trip(response: CredentialResponse) -> None:
    assert parse_nonce_response(create_nonce_response("n")) == "n"
    assert parse_credential_response(create_credential_response(response)) == response


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"transaction_id": "x"},
        {"transaction_id": "x", "interval": 0},
        {"transaction_id": "x", "interval": True},
        {"transaction_id": "x", "interval": 10**12},
        {"transaction_id": "", "interval": 5},
        {"transaction_id": "x", "interval": 5, "credentials": [{"credential": "c"}]},
        {"credentials": []},
        {"credentials": ["c"]},
        {"credentials": [{}]},
        {"credentials": [{"credential": ""}]},
        {"credentials": [{"credential": 5}]},
        {"credentials": [{"credential": "c"}] * 101},
        {"credentials": [{"credential": "c"}], "notification_id": 5},
        {"credentials": [{"credential": "c"}], "notification_id": "x" * 3000},
    ],
)
def test_responses_that_will_not_do(value: dict[str, Any]) -> None:
    assert refusal(parse_credential_response, value) == "server_error"
