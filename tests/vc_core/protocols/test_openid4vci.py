"""Offers, credential requests and proofs of OpenID4VCI."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc_core.crypto.jose import sign_jws
from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.encoding import base64url_encode, compact_json
from vc_core.errors import ProtocolError
from vc_core.protocols import openid4vci as vci
from vc_core.protocols.oauth import PRE_AUTHORIZED_CODE_GRANT

ISSUER = "https://issuer.test"
NOW = 1_790_000_000
OFFER = vci.CredentialOffer(ISSUER, ("A", "B"), "code", vci.TxCode(length=6, description="รหัส 6 หลัก"))
HOLDER = P256Signer.generate()


def refusal(call: Any, *arguments: Any, **named: Any) -> str:
    """The code with which the call is refused."""
    with pytest.raises(ProtocolError) as refused:
        call(*arguments, **named)
    return str(refused.value.code)


def test_an_offer_survives_its_link_by_value_and_by_reference() -> None:
    assert vci.parse_credential_offer_link(vci.create_credential_offer_link(OFFER)) == OFFER
    reference = vci.CredentialOfferUri(ISSUER + "/offers/x?y=1&z=2")
    assert vci.parse_credential_offer_link(vci.create_credential_offer_link(reference)) == reference


@given(st.text(max_size=300))
def test_any_text_is_an_offer_or_a_refusal(text: str) -> None:
    for candidate in (text, "openid-credential-offer://?credential_offer=" + text):
        with suppress(ProtocolError):
            vci.parse_credential_offer_link(candidate)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "openid-credential-offer://",
        "openid-credential-offer://?",
        "openid-credential-offer://evil.test?credential_offer_uri=https%3A%2F%2Fa.test",
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.test&credential_offer=%7B%7D",
        "openid-credential-offer://?credential_offer_uri=http%3A%2F%2Fa.test",
        "openid-credential-offer://?credential_offer_uri=file%3A%2F%2F%2Fetc",
        "https://a.test?credential_offer_uri=https%3A%2F%2Fa.test",
        "openid-credential-offer://?offer=%7B%7D",
        "openid-credential-offer://?credential_offer=%ff",
        "openid-credential-offer://?credential_offer=" + "x" * 9000,
    ],
)
def test_links_that_are_no_offer(link: str) -> None:
    assert refusal(vci.parse_credential_offer_link, link) == "invalid_request"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"credential_issuer": "http://issuer.test"}, "invalid_request"),
        ({"credential_issuer": "https://issuer.test?x=1"}, "invalid_request"),
        ({"credential_configuration_ids": []}, "invalid_request"),
        ({"credential_configuration_ids": ["A", "A"]}, "invalid_request"),
        ({"credential_configuration_ids": ["A", 1]}, "invalid_request"),
        ({"credential_configuration_ids": [str(n) for n in range(21)]}, "invalid_request"),
        ({"grants": {}}, "unsupported_grant_type"),
        ({"grants": {"authorization_code": {}}}, "unsupported_grant_type"),
        ({"grants": {PRE_AUTHORIZED_CODE_GRANT: {}}}, "invalid_request"),
        ({"grants": {PRE_AUTHORIZED_CODE_GRANT: {"pre-authorized_code": 5}}}, "invalid_request"),
    ],
)
def test_offers_that_will_not_do(change: dict[str, Any], code: str) -> None:
    assert refusal(vci.parse_credential_offer, json.dumps(vci.create_credential_offer(OFFER) | change)) == code


@pytest.mark.parametrize(
    "tx_code",
    [
        None,
        [],
        {"length": 0},
        {"length": True},
        {"input_mode": "any"},
        {"description": "x" * 301},
        {"description": "\u202ex"},
    ],
)
def test_a_transaction_code_that_cannot_be_described(tx_code: Any) -> None:
    grant = {"pre-authorized_code": "c", "tx_code": tx_code}
    offer = vci.create_credential_offer(OFFER) | {"grants": {PRE_AUTHORIZED_CODE_GRANT: grant}}
    assert refusal(vci.parse_credential_offer, json.dumps(offer)) == "invalid_request"


def test_an_empty_transaction_code_object_still_asks_for_one() -> None:
    grant = {"pre-authorized_code": "c", "tx_code": {}}
    offer = vci.create_credential_offer(OFFER) | {"grants": {PRE_AUTHORIZED_CODE_GRANT: grant}}
    assert vci.parse_credential_offer(json.dumps(offer)).tx_code == vci.TxCode()


def test_a_credential_request_is_read_as_it_was_made() -> None:
    body = compact_json(vci.create_credential_request("A", proof_jwt="x.y.z"))
    assert vci.parse_credential_request(body) == vci.CredentialRequest("A", "x.y.z")


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
    body = compact_json(vci.create_credential_request("A", proof_jwt="x.y.z") | change)
    assert refusal(vci.parse_credential_request, body) == code


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a":NaN}', b'{"proofs":{},"proofs":{}}', b"\xff"])
def test_a_credential_request_that_is_no_json_object(body: bytes) -> None:
    assert refusal(vci.parse_credential_request, body) == "invalid_credential_request"


def test_an_identifier_instead_of_a_configuration_is_unknown() -> None:
    assert refusal(vci.parse_credential_request, b'{"credential_identifier":"x"}') == "unknown_credential_identifier"


def test_nonce_and_credential_responses_round_trip() -> None:
    assert vci.parse_nonce_response(vci.create_nonce_response("n")) == "n"
    assert vci.parse_credential_response(vci.create_credential_response("c")) == "c"


@pytest.mark.parametrize(
    "value", [{}, {"transaction_id": "x"}, {"credentials": []}, {"credentials": ["c"]}, {"credentials": [{}]}]
)
def test_a_response_without_exactly_one_credential(value: dict[str, Any]) -> None:
    assert refusal(vci.parse_credential_response, value) == "server_error"


def proof(header: dict[str, Any] | None = None, payload: dict[str, Any] | None = None) -> str:
    """A proof of HOLDER with some members changed; None removes one."""
    full_header = {"typ": vci.PROOF_TYPE, "jwk": HOLDER.public_key.to_jwk()} | (header or {})
    full_payload = {"aud": ISSUER, "iat": NOW, "nonce": "n"} | (payload or {})
    kept = [{name: value for name, value in part.items() if value is not None} for part in (full_header, full_payload)]
    return sign_jws(kept[0], kept[1], HOLDER)


def test_a_good_proof_gives_the_key_and_the_nonce() -> None:
    text = vci.create_proof_jwt(HOLDER, audience=ISSUER, nonce="n", issued_at=NOW)
    verified = vci.verify_proof_jwt(text, expected_audience=ISSUER, now=NOW + vci.PROOF_WINDOW_SECONDS)
    assert verified == vci.VerifiedProof(HOLDER.public_key, "n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b.c",
        proof({"typ": "JWT"}),
        proof({"typ": None}),
        proof({"jwk": None}),
        proof({"jwk": P256Signer.generate().public_key.to_jwk()}),
        proof({"jwk": HOLDER.public_key.to_jwk() | {"d": "AAAA"}}),
        proof({"kid": "did:example:1#a"}),
        proof({"x5c": ["AAAA"]}),
        proof({"trust_chain": []}),
        proof({"crit": []}),
        proof({"jku": "https://evil.test"}),
        proof({"alg": "none"}),
        proof({"alg": "HS256"}),
        proof({"alg": "EdDSA"}),
        proof(payload={"aud": "https://other.test"}),
        proof(payload={"aud": [ISSUER]}),
        proof(payload={"aud": None}),
        proof(payload={"iat": NOW - 301}),
        proof(payload={"iat": NOW + 301}),
        proof(payload={"iat": None}),
        proof(payload={"iat": float(NOW)}),
        proof(payload={"nonce": None}),
        proof(payload={"nonce": 5}),
        proof()[:-4] + "AAAA",
        proof() + "~",
    ],
)
def test_bad_proofs(text: str) -> None:
    assert refusal(vci.verify_proof_jwt, text, expected_audience=ISSUER, now=NOW) == "invalid_proof"


def test_a_holder_key_that_phones_do_not_have_is_refused() -> None:
    text = vci.create_proof_jwt(Ed25519Signer.generate(), audience=ISSUER, nonce="n", issued_at=NOW)
    assert refusal(vci.verify_proof_jwt, text, expected_audience=ISSUER, now=NOW) == "invalid_proof"


def test_an_unsigned_proof_is_refused() -> None:
    header = base64url_encode(compact_json({"alg": "none", "typ": vci.PROOF_TYPE, "jwk": HOLDER.public_key.to_jwk()}))
    payload = base64url_encode(compact_json({"aud": ISSUER, "iat": NOW, "nonce": "n"}))
    text = f"{header}.{payload}."
    assert refusal(vci.verify_proof_jwt, text, expected_audience=ISSUER, now=NOW) == "invalid_proof"
