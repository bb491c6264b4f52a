"""The deferred credential request (section 9): asking again for what an issuer could not give at once.

Its answer is a credential response, as `credential.py` beside this has it: the credentials, or to wait on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vc_core.crypto.jwe import EncryptionKey
from vc_core.encoding import EncodingError, parse_json_object
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vci.encryption import (
    ResponseEncryption,
    create_response_encryption,
    parse_response_encryption,
)
from vc_core.protocols.text import is_text


@dataclass(frozen=True)
class DeferredCredentialRequest:
    """Which transaction, and how this answer is to be encrypted, whatever the first request said of that."""

    transaction_id: str
    response_encryption: ResponseEncryption | None = None


def create_deferred_credential_request(
    transaction_id: str, *, response_key: EncryptionKey | None = None, response_enc: str = "A256GCM"
) -> dict[str, Any]:
    """A deferred credential request (section 9.1)."""
    request: dict[str, Any] = {"transaction_id": transaction_id}
    if response_key is not None:
        request["credential_response_encryption"] = create_response_encryption(response_key, enc=response_enc)
    return request


def parse_deferred_credential_request(body: bytes) -> DeferredCredentialRequest:
    """A deferred credential request, decrypted. Unknown members are ignored.

    Raises `ProtocolError`: `invalid_credential_request`, `invalid_encryption_parameters`.
    """
    try:
        value = parse_json_object(body)
    except EncodingError as cause:
        raise ProtocolError("invalid_credential_request", "The request is not a JSON object.") from cause
    if not is_text(value.get("transaction_id")):
        raise ProtocolError("invalid_credential_request", "transaction_id is missing.")
    encryption = parse_response_encryption(value.get("credential_response_encryption"))
    return DeferredCredentialRequest(value["transaction_id"], encryption)
