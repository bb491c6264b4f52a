"""What a wallet says of itself when it posts for a request object (OpenID4VP 1.0 sections 5.10 and 10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vc_core.crypto.jwe import CONTENT_ENCRYPTION
from vc_core.errors import ProtocolError
from verifier.requests.composition import AskedRequest


def check_wallet(metadata: Mapping[str, Any] | None, asked: AskedRequest) -> None:
    """Returns where a wallet with this metadata can take the request, as far as it says.

    Raises `ProtocolError`: `vp_formats_not_supported`, `invalid_request`.
    """
    if metadata is None:
        return
    formats = metadata.get("vp_formats_supported")
    if isinstance(formats, dict) and formats.keys().isdisjoint(each.format for each in asked.query.credentials):
        raise ProtocolError("vp_formats_not_supported", "The wallet has none of the formats that are asked for.")
    ours: dict[str, tuple[str, ...]] = {
        "client_id_prefixes_supported": (str(asked.prefix),),
        "request_object_signing_alg_values_supported": ("ES256",),
    }
    if asked.response_mode.is_encrypted:
        ours["authorization_encryption_enc_values_supported"] = CONTENT_ENCRYPTION
    for name, values in ours.items():
        theirs = metadata.get(name)
        if isinstance(theirs, list) and not any(each in theirs for each in values):
            raise ProtocolError("invalid_request", "The wallet can't take a request of this kind.")
