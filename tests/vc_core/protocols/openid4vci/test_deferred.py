"""Deferred credential requests."""

from __future__ import annotations

import pytest

from vc_core.crypto.jwe import EncryptionKey
from vc_core.encoding import compact_json
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vci.deferred import (
    DeferredCredentialRequest,
    create_deferred_credential_request,
    parse_deferred_credential_request,
)
from vc_core.protocols.openid4vci.encryption import ResponseEncryption


def test_a_request_is_read_as_it_was_made() -> None:
    key = EncryptionKey.generate()
    plain = create_deferred_credential_request("t") | {"unknown": []}
    assert parse_deferred_credential_request(compact_json(plain)) == DeferredCredentialRequest("t")
    encrypted = create_deferred_credential_request("t", response_key=key, response_enc="A128GCM")
    assert parse_deferred_credential_request(compact_json(encrypted)) == DeferredCredentialRequest(
        "t", ResponseEncryption(key.to_jwk(), "A128GCM")
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_credential_request"),
        (b"[]", "invalid_credential_request"),
        (b"{}", "invalid_credential_request"),
        (b'{"transaction_id":5}', "invalid_credential_request"),
        (b'{"transaction_id":""}', "invalid_credential_request"),
        (b'{"transaction_id":"t","transaction_id":"u"}', "invalid_credential_request"),
        (b'{"transaction_id":"t","credential_response_encryption":{}}', "invalid_encryption_parameters"),
    ],
)
def test_bad_requests(body: bytes, code: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse_deferred_credential_request(body)
    assert refused.value.code == code
