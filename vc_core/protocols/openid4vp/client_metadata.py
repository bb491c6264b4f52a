"""`client_metadata` (OpenID4VP 1.0 sections 5.1, 8.3 and 11): what a verifier can read, and its keys for the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vc_core.crypto.jwe import CONTENT_ENCRYPTION, JweError, parse_recipient
from vc_core.crypto.keys import is_public_jwk
from vc_core.errors import ProtocolError

DEFAULT_ENC = "A128GCM"
_MAX_VALUES = 20


@dataclass(frozen=True)
class ClientMetadata:
    """Formats by name, each with its parameters; and for encrypted answers public JWKs and `enc` values.

    Of what was sent, `keys` and `enc_values` have those that we can use, in the verifier's order.
    """

    vp_formats_supported: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    keys: tuple[Mapping[str, Any], ...] = ()
    enc_values: tuple[str, ...] = (DEFAULT_ENC,)


def create_client_metadata(metadata: ClientMetadata) -> dict[str, Any]:
    """The metadata as a JSON object; without keys it has nothing of encryption."""
    value: dict[str, Any] = {"vp_formats_supported": dict(metadata.vp_formats_supported)}
    if metadata.keys:
        value["jwks"] = {"keys": [dict(each) for each in metadata.keys]}
        value["encrypted_response_enc_values_supported"] = list(metadata.enc_values)
    return value


def parse_client_metadata(value: Any) -> ClientMetadata:
    """The metadata; unknown members are ignored. Raises `ProtocolError` `invalid_request`."""
    if not isinstance(value, dict):
        raise _bad("client_metadata is not an object.")
    formats = value.get("vp_formats_supported", {})
    if (
        not isinstance(formats, dict)
        or len(formats) > _MAX_VALUES
        or not all(isinstance(each, dict) for each in formats.values())
    ):
        raise _bad("vp_formats_supported is not an object of objects.")
    keys = _parse_keys(value["jwks"]) if "jwks" in value else ()
    return ClientMetadata(formats, keys, _parse_enc_values(value))


def _parse_keys(jwks: Any) -> tuple[Mapping[str, Any], ...]:
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or len(keys) > _MAX_VALUES or not all(is_public_jwk(each) for each in keys):
        raise _bad("jwks is not a set of a few public keys.")
    kids = [each.get("kid") for each in keys]
    if not all(isinstance(kid, str) for kid in kids) or len(set(kids)) != len(kids):
        raise _bad("The keys of jwks do not each have a kid of their own.")
    return tuple(each for each in keys if _is_usable(each))


def _is_usable(jwk: Mapping[str, Any]) -> bool:
    try:
        parse_recipient(jwk)
    except JweError:  # for another curve or algorithm, which another wallet may have
        return False
    return True


def _parse_enc_values(value: Mapping[str, Any]) -> tuple[str, ...]:
    name = "encrypted_response_enc_values_supported"
    if name not in value:
        return (DEFAULT_ENC,)
    texts = value[name]
    if not isinstance(texts, list) or not 0 < len(texts) <= _MAX_VALUES or not all(isinstance(t, str) for t in texts):
        raise _bad(f"{name} is not a list of names.")
    return tuple(each for each in texts if each in CONTENT_ENCRYPTION)


def _bad(message: str) -> ProtocolError:
    return ProtocolError("invalid_request", message)
