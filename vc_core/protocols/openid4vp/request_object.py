"""The request object (JAR, RFC 9101; OpenID4VP 1.0 sections 5 and 5.10): a request as a signed JWT.

Its key is named in the header, by `kid` or by certificates in `x5c`. Taken apart here, its signature not yet checked:
`vc_core.verifier_trust` does that, since whose key it is decides about everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vc_core.crypto.jose import JwsError, UnverifiedJws, parse_jws, sign_jws
from vc_core.crypto.keys import Signer
from vc_core.encoding import EncodingError, compact_json, parse_json_object
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vp.request import (
    AuthorizationRequest,
    create_authorization_request,
    parse_authorization_request,
)

TYP = "oauth-authz-req+jwt"
MEDIA_TYPE = "application/oauth-authz-req+jwt"
STATIC_DISCOVERY_AUDIENCE = "https://self-issued.me/v2"
"""`aud` where the verifier knows nothing of the wallet that will answer (section 5.8)."""
_MAX_WALLET_NONCE = 512
_MAX_WALLET_METADATA = 16 * 1024


@dataclass(frozen=True)
class UnverifiedRequestObject:
    """A request object that may be anybody's. `wallet_nonce` is the wallet's own, where it is given back."""

    request: AuthorizationRequest
    wallet_nonce: str | None
    jws: UnverifiedJws


@dataclass(frozen=True)
class RequestUriPost:
    """What a wallet posts for a request object (section 5.10). `wallet_metadata` is JSON as sent, None for none."""

    wallet_nonce: str | None
    wallet_metadata: dict[str, Any] | None


def sign_request_object(
    request: AuthorizationRequest,
    key_header: dict[str, Any],
    signer: Signer,
    *,
    issued_at: int,
    expires_at: int,
    wallet_nonce: str | None = None,
) -> str:
    """The request as a JWT; `key_header` names the key (`kid` or `x5c`), times are in seconds since 1970.

    There is no `iss`: wallets must ignore it (section 5), and some that don't refuse a client_id with a prefix in it.
    """
    parameters = create_authorization_request(request)
    payload = {
        "aud": STATIC_DISCOVERY_AUDIENCE,
        "iat": issued_at,
        "exp": expires_at,
        **parameters,
    }
    if wallet_nonce is not None:
        payload["wallet_nonce"] = wallet_nonce
    return sign_jws({"typ": TYP, **key_header}, payload, signer)


def parse_request_object(text: str | bytes) -> UnverifiedRequestObject:
    """A request object. Raises `ProtocolError`: `invalid_request_object` where it is none, and as the request's form.

    `iss` is ignored, as section 5 says.
    """
    try:
        jws = parse_jws(text, typ=TYP)
    except JwsError as cause:
        raise ProtocolError("invalid_request_object", "This is not a request object.") from cause
    if {"request", "request_uri"} & jws.payload.keys():
        raise ProtocolError("invalid_request_object", "A request object refers to another.")
    wallet_nonce = jws.payload.get("wallet_nonce")
    if wallet_nonce is not None and not isinstance(wallet_nonce, str):
        raise ProtocolError("invalid_request_object", "wallet_nonce is not text.")
    return UnverifiedRequestObject(parse_authorization_request(jws.payload), wallet_nonce, jws)


def create_request_uri_post(post: RequestUriPost) -> dict[str, str]:
    """The form fields with which a wallet asks for a request object."""
    fields = {}
    if post.wallet_nonce is not None:
        fields["wallet_nonce"] = post.wallet_nonce
    if post.wallet_metadata is not None:
        fields["wallet_metadata"] = compact_json(post.wallet_metadata).decode("utf-8")
    return fields


def parse_request_uri_post(fields: Sequence[tuple[str, str]]) -> RequestUriPost:
    """Decoded form fields in the order sent; unknown ones are ignored. Raises `ProtocolError` `invalid_request`."""
    values = dict(fields)
    if len(values) != len(fields):
        raise ProtocolError("invalid_request", "A parameter is sent twice.")
    nonce, text = values.get("wallet_nonce"), values.get("wallet_metadata")
    if nonce is not None and not 0 < len(nonce) <= _MAX_WALLET_NONCE:
        raise ProtocolError("invalid_request", "wallet_nonce is empty or too long.")
    if text is None:
        return RequestUriPost(nonce, None)
    if len(text) > _MAX_WALLET_METADATA:
        raise ProtocolError("invalid_request", "wallet_metadata is too long.")
    try:
        return RequestUriPost(nonce, parse_json_object(text))
    except EncodingError as cause:
        raise ProtocolError("invalid_request", "wallet_metadata is not a JSON object.") from cause
