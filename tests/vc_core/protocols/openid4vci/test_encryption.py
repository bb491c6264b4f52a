"""Encrypted requests and responses, from both sides."""

from __future__ import annotations

from typing import Any

import pytest

from vc_core.crypto.jwe import EncryptionKey
from vc_core.encoding import compact_json, parse_json_object
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vci.encryption import (
    RequestEncryption,
    ResponseEncryption,
    create_request_encryption,
    create_response_encryption,
    create_response_encryption_support,
    decrypt_request,
    decrypt_response,
    encrypt_request,
    encrypt_response,
    parse_request_encryption,
    parse_response_encryption,
    parse_response_encryption_support,
)

ISSUER, OLDER, WALLET = EncryptionKey.generate(), EncryptionKey.generate(), EncryptionKey.generate()
KEYS = {ISSUER.kid: ISSUER, OLDER.kid: OLDER}
MESSAGE = {"credential_configuration_id": "A"}


def refusal(call: Any, *arguments: Any, **named: Any) -> str:
    """The code with which the call is refused."""
    with pytest.raises(ProtocolError) as refused:
        call(*arguments, **named)
    return str(refused.value.code)


@pytest.mark.parametrize("required", [False, True])
def test_a_request_goes_to_the_first_key_of_the_metadata(required: bool) -> None:
    published = parse_request_encryption(create_request_encryption([ISSUER, OLDER], required=required))
    assert published == RequestEncryption(ISSUER.to_jwk(), "A256GCM", required)
    body = encrypt_request(MESSAGE, published).encode("ascii")
    assert parse_json_object(decrypt_request(body, keys=KEYS)) == MESSAGE


def test_a_request_to_a_key_that_is_about_to_go_is_still_read() -> None:
    body = encrypt_request(MESSAGE, RequestEncryption(OLDER.to_jwk(), "A128GCM", False)).encode("ascii")
    assert parse_json_object(decrypt_request(body, keys=KEYS)) == MESSAGE
    assert refusal(decrypt_request, body, keys={ISSUER.kid: ISSUER}) == "invalid_encryption_parameters"


@pytest.mark.parametrize("body", [b"", b"{}", b"a.b.c.d.e", b"eyJhbGciOiJub25lIn0.e30.", b"\xff" * 9])
def test_requests_that_are_not_encrypted_to_us(body: bytes) -> None:
    assert refusal(decrypt_request, body, keys=KEYS) == "invalid_encryption_parameters"


@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
@pytest.mark.parametrize("compress", [False, True])
def test_a_response_is_encrypted_as_the_wallet_asked(enc: str, compress: bool) -> None:
    asked = parse_response_encryption(create_response_encryption(WALLET, enc=enc, compress=compress))
    assert asked == ResponseEncryption(WALLET.to_jwk(), enc, compress)
    body = encrypt_response(MESSAGE, asked).encode("ascii")
    assert decrypt_response(body, key=WALLET, enc=enc) == MESSAGE
    other = "A128GCM" if enc == "A256GCM" else "A256GCM"
    assert refusal(decrypt_response, body, key=WALLET, enc=other) == "server_error"
    assert refusal(decrypt_response, body, key=ISSUER, enc=enc) == "server_error"
    assert refusal(decrypt_response, compact_json(MESSAGE), key=WALLET, enc=enc) == "server_error"


def test_nothing_asked_for_is_nothing() -> None:
    assert parse_response_encryption(None) is None
    assert parse_request_encryption(None) is None
    assert parse_response_encryption_support(None) == (None, False)


def test_what_the_issuer_can_encrypt_with() -> None:
    support = create_response_encryption_support(required=True)
    assert parse_response_encryption_support(support) == ("A256GCM", True)
    assert parse_response_encryption_support(support | {"enc_values_supported": ["A128GCM", "X"]}) == ("A128GCM", True)
    for change in ({"enc_values_supported": ["X"]}, {"alg_values_supported": ["RSA-OAEP-256"]}):
        assert parse_response_encryption_support(support | {"encryption_required": False} | change) == (None, False)
        assert refusal(parse_response_encryption_support, support | change) == "server_error"


@pytest.mark.parametrize(
    "change",
    [
        {"encryption_required": None},
        {"encryption_required": "false"},
        {"jwks": {}},
        {"jwks": []},
        {"jwks": {"keys": [{}] * 21}},
        {"enc_values_supported": "A128GCM"},
    ],
)
def test_metadata_that_can_not_be_read(change: dict[str, Any]) -> None:
    value = create_request_encryption([ISSUER], required=False) | change
    assert refusal(parse_request_encryption, value) == "server_error"


@pytest.mark.parametrize(
    "change",
    [
        {"jwks": {"keys": []}},
        {"jwks": {"keys": [{"kty": "RSA", "kid": "r", "alg": "RSA-OAEP-256"}, "x"]}},
        {"jwks": {"keys": [{name: value for name, value in ISSUER.to_jwk().items() if name != "kid"}]}},
        {"enc_values_supported": ["A192GCM"]},
    ],
)
def test_an_encryption_that_we_do_not_have(change: dict[str, Any]) -> None:
    value = create_request_encryption([ISSUER], required=False) | change
    assert parse_request_encryption(value) is None
    assert refusal(parse_request_encryption, value | {"encryption_required": True}) == "server_error"


def test_support_that_can_not_be_read() -> None:
    support = create_response_encryption_support(required=False)
    for change in ({"encryption_required": 1}, {"alg_values_supported": "ECDH-ES"}, {"enc_values_supported": None}):
        assert refusal(parse_response_encryption_support, support | change) == "server_error"
    assert refusal(parse_response_encryption_support, []) == "server_error"
