"""Encrypted requests and responses (section 10), as the credential and the deferred credential endpoint have them.

A wallet encrypts to a key of the issuer's metadata, the issuer to the one that the wallet sent along. What is encrypted
is the JSON of the message as it would be sent otherwise, with the media type `application/jwt`. Errors are never
encrypted (section 8.3.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vc_core.crypto.jwe import (
    COMPRESSION,
    CONTENT_ENCRYPTION,
    KEY_MANAGEMENT,
    EncryptionKey,
    JweError,
    decrypt_jwe,
    encrypt_jwe,
    parse_recipient,
)
from vc_core.encoding import EncodingError, compact_json, parse_json_object
from vc_core.errors import ProtocolError

ENCRYPTED_MEDIA_TYPE = "application/jwt"
_MAX_KEYS = 20


@dataclass(frozen=True)
class RequestEncryption:
    """`credential_request_encryption` of an issuer's metadata (section 12.2.4), as far as it is of use here.

    `jwk` is a key that we can encrypt to, `enc` an algorithm that both sides have.
    """

    jwk: Mapping[str, Any]
    enc: str
    required: bool


@dataclass(frozen=True)
class ResponseEncryption:
    """`credential_response_encryption` of a request (section 8.2): to which key and how the answer is encrypted."""

    jwk: Mapping[str, Any]
    enc: str
    compress: bool = False


def create_request_encryption(keys: Iterable[EncryptionKey], *, required: bool) -> dict[str, Any]:
    """The member of the metadata; the first key is the one to use, the others are about to go."""
    return {
        "jwks": {"keys": [key.to_jwk() for key in keys]},
        "enc_values_supported": list(CONTENT_ENCRYPTION),
        "zip_values_supported": [COMPRESSION],
        "encryption_required": required,
    }


def parse_request_encryption(value: Any) -> RequestEncryption | None:
    """The member of the metadata; None where there is none, or nothing in it that we have, and it is not required.

    Raises `ProtocolError` `server_error` where it can't be read, or asks for an encryption that we don't have.
    """
    if value is None:
        return None
    required = _parse_required(value)
    jwks, enc_values = value.get("jwks"), value.get("enc_values_supported")
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or len(keys) > _MAX_KEYS or not isinstance(enc_values, list):
        raise _bad_metadata()
    usable = next((key for key in keys if _is_usable(key)), None)
    enc = next((each for each in reversed(CONTENT_ENCRYPTION) if each in enc_values), None)
    if usable is not None and enc is not None:
        return RequestEncryption(usable, enc, required)
    if required:
        raise ProtocolError("server_error", "The issuer asks for an encryption that this wallet does not have.")
    return None


def create_response_encryption_support(*, required: bool) -> dict[str, Any]:
    """`credential_response_encryption` of the metadata: what an issuer can encrypt its answers with."""
    return {
        "alg_values_supported": [KEY_MANAGEMENT],
        "enc_values_supported": list(CONTENT_ENCRYPTION),
        "zip_values_supported": [COMPRESSION],
        "encryption_required": required,
    }


def parse_response_encryption_support(value: Any) -> tuple[str | None, bool]:
    """The `enc` to ask for, None where there is none that we have, and whether the answer must be encrypted.

    Raises `ProtocolError` `server_error`, also where an encryption is required that we don't have.
    """
    if value is None:
        return None, False
    required = _parse_required(value)
    algorithms, enc_values = value.get("alg_values_supported"), value.get("enc_values_supported")
    if not isinstance(algorithms, list) or not isinstance(enc_values, list):
        raise _bad_metadata()
    enc = next((each for each in reversed(CONTENT_ENCRYPTION) if each in enc_values), None)
    if KEY_MANAGEMENT not in algorithms or enc is None:
        if required:
            raise ProtocolError("server_error", "The issuer asks for an encryption that this wallet does not have.")
        return None, False
    return enc, required


def create_response_encryption(key: EncryptionKey, *, enc: str, compress: bool = False) -> dict[str, Any]:
    """The member of a request by which a wallet asks for an answer that is encrypted to this key."""
    return {"jwk": key.to_jwk(), "enc": enc} | ({"zip": COMPRESSION} if compress else {})


def parse_response_encryption(value: Any) -> ResponseEncryption | None:
    """The member of a request, None where it has none. Raises `ProtocolError` `invalid_encryption_parameters`."""
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("enc") not in CONTENT_ENCRYPTION:
        raise _bad_parameters("The answer can't be encrypted in the way that is asked for.")
    if value.get("zip", COMPRESSION) != COMPRESSION:
        raise _bad_parameters("The answer can't be compressed in the way that is asked for.")
    try:
        parse_recipient(value.get("jwk"))
    except JweError as cause:
        raise _bad_parameters("The key to encrypt the answer to is not a public P-256 key for ECDH-ES.") from cause
    return ResponseEncryption(value["jwk"], value["enc"], "zip" in value)


def encrypt_request(request: Mapping[str, Any], encryption: RequestEncryption) -> str:
    """A request as `application/jwt`, to the issuer's key."""
    return encrypt_jwe(compact_json(request), recipient=encryption.jwk, enc=encryption.enc)


def decrypt_request(body: bytes, *, keys: Mapping[str, EncryptionKey]) -> bytes:
    """The JSON of a request that came as `application/jwt`; `keys` are the issuer's, by `kid`.

    Raises `ProtocolError` `invalid_encryption_parameters`.
    """
    try:
        return decrypt_jwe(body, keys=keys)
    except JweError as cause:
        raise _bad_parameters("The request is not encrypted to a key of this issuer's metadata.") from cause


def encrypt_response(response: Mapping[str, Any], encryption: ResponseEncryption) -> str:
    """A response as `application/jwt`, to the wallet's key."""
    return encrypt_jwe(
        compact_json(response), recipient=encryption.jwk, enc=encryption.enc, compress=encryption.compress
    )


def decrypt_response(body: bytes, *, key: EncryptionKey, enc: str) -> dict[str, Any]:
    """The response that was encrypted to the wallet's key, as it asked. Raises `ProtocolError` `server_error`."""
    try:
        return parse_json_object(decrypt_jwe(body, keys={key.kid: key}, algorithms=[enc]))
    except (JweError, EncodingError) as cause:
        raise ProtocolError("server_error", "The answer is not encrypted in the way that was asked for.") from cause


def _is_usable(jwk: Any) -> bool:
    try:
        return parse_recipient(jwk).kid is not None
    except JweError:
        return False


def _parse_required(value: Any) -> bool:
    required = value.get("encryption_required") if isinstance(value, dict) else None
    if not isinstance(required, bool):
        raise _bad_metadata()
    return required


def _bad_metadata() -> ProtocolError:
    return ProtocolError("server_error", "The issuer's metadata describes its encryption in a way we don't understand.")


def _bad_parameters(message: str) -> ProtocolError:
    return ProtocolError("invalid_encryption_parameters", message)
