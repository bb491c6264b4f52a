"""Encrypted responses (OpenID4VP 1.0 section 8.3): `direct_post.jwt` and `dc_api.jwt`.

The JWE says nothing of who sent it: what it holds is as untrusted as if it had come in the open.
"""

from __future__ import annotations

from vc_core.crypto.jwe import EncryptionKey, JweError, decrypt_jwe, encrypt_jwe
from vc_core.encoding import EncodingError, compact_json, parse_json_object
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vp.client_metadata import ClientMetadata
from vc_core.protocols.openid4vp.response import (
    AuthorizationErrorResponse,
    AuthorizationResponse,
    EncryptedResponse,
    create_authorization_response,
    parse_authorization_response,
)


def encrypt_response(
    response: AuthorizationResponse | AuthorizationErrorResponse, metadata: ClientMetadata
) -> EncryptedResponse:
    """The response for a verifier with this metadata, whose first key and `enc` are taken.

    Raises `ProtocolError` `invalid_request` where there is no key or `enc` that we can use.
    """
    if not metadata.keys or not metadata.enc_values:
        raise ProtocolError("invalid_request", "There is no key for an encrypted answer, or none that can be used.")
    plaintext = compact_json(create_authorization_response(response))
    try:
        return EncryptedResponse(encrypt_jwe(plaintext, recipient=metadata.keys[0], enc=metadata.enc_values[0]))
    except JweError as cause:
        raise ProtocolError("invalid_request", "The answer can't be encrypted to the verifier's key.") from cause


def decrypt_response(
    response: EncryptedResponse, *, key: EncryptionKey, enc_values: tuple[str, ...]
) -> AuthorizationResponse | AuthorizationErrorResponse:
    """What was encrypted to the request's own key. Raises `ProtocolError` `invalid_request`."""
    try:
        value = parse_json_object(decrypt_jwe(response.jwe, keys={key.kid: key}, algorithms=enc_values))
    except (JweError, EncodingError) as cause:
        raise ProtocolError("invalid_request", "The answer was not encrypted to this request's key.") from cause
    opened = parse_authorization_response(value)
    if isinstance(opened, EncryptedResponse):
        raise ProtocolError("invalid_request", "The answer is encrypted twice.")
    return opened
