"""The authorization request (OpenID4VP 1.0 section 5): what a verifier asks for, and where the answer is to go.

    a link (QR code)  ──▶ by reference: `request_uri`, where a signed request object is (JAR, RFC 9101)
                      ──▶ by value: `request`, the request object itself
                      ──▶ unsigned: the parameters themselves, under the prefix `redirect_uri` only

Messages and their form only. Whether the one who asks is who they say is `vc_core.verifier_trust`'s: nothing of a
request is to be shown as a name before that. Errors are `ProtocolError` with the codes of section 8.5, RFC 6749 and
RFC 9101; a wallet sends them to the verifier, if it sends anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from vc_core.encoding import EncodingError, compact_json, parse_json
from vc_core.errors import ProtocolError
from vc_core.protocols.addresses import check_url
from vc_core.protocols.dcql.query import DcqlQuery, create_dcql_query, parse_dcql_query
from vc_core.protocols.openid4vp.client_id import ClientId, ClientIdPrefix, parse_client_id
from vc_core.protocols.openid4vp.client_metadata import (
    ClientMetadata,
    create_client_metadata,
    parse_client_metadata,
)
from vc_core.protocols.openid4vp.transaction_data import TransactionData, parse_transaction_data

SCHEME = "openid4vp"
SCHEMES = (SCHEME, "haip-vp")
"""The schemes of links that a wallet takes: the one of section 13.1.2, and HAIP's."""
RESPONSE_TYPE = "vp_token"
MAX_LINK = 16 * 1024
_MAX_TRANSACTIONS = 10
_MAX_TRANSACTION = 16 * 1024
_MAX_ORIGINS = 10
_MAX_PARAMETERS = 30
_URL_SAFE = re.compile(r"[A-Za-z0-9._~-]{1,512}\Z")
_ORIGIN = re.compile(r"https?://[a-z0-9.:\[\]-]{1,300}\Z")
_OBJECTS = ("dcql_query", "client_metadata", "transaction_data", "expected_origins")
"""Parameters that are JSON inside a link, and plain members of a request object."""


class ResponseMode(StrEnum):
    """How the answer comes back; `.jwt` encrypted (sections 8.2, 8.3.1 and A.2)."""

    DIRECT_POST = "direct_post"
    DIRECT_POST_JWT = "direct_post.jwt"
    DC_API = "dc_api"
    DC_API_JWT = "dc_api.jwt"

    @property
    def is_encrypted(self) -> bool:
        """Whether the answer must be encrypted."""
        return self.value.endswith(".jwt")

    @property
    def is_dc_api(self) -> bool:
        """Whether request and answer go through the browser's Digital Credentials API."""
        return self.value.startswith("dc_api")


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request in itself, whichever way it came.

    `client_id` is None in an unsigned request of the Digital Credentials API only, `response_uri` where the answer
    goes through it.
    """

    client_id: ClientId | None
    response_mode: ResponseMode
    nonce: str
    dcql_query: DcqlQuery
    client_metadata: ClientMetadata
    response_uri: str | None = None
    state: str | None = None
    transaction_data: tuple[TransactionData, ...] = ()
    expected_origins: tuple[str, ...] = ()


@dataclass(frozen=True)
class RequestByReference:
    """Where the request object is, and whether to `get` it or to `post` for it; who asks is not shown by this."""

    client_id: ClientId
    request_uri: str
    request_uri_method: Literal["get", "post"] = "get"


@dataclass(frozen=True)
class RequestByValue:
    """A request object (JWT) that came in the link itself."""

    client_id: ClientId
    request: str


def create_authorization_request(request: AuthorizationRequest) -> dict[str, Any]:
    """The request's parameters as a JSON object, as a request object has them."""
    members: dict[str, Any] = {
        "client_id": None if request.client_id is None else str(request.client_id),
        "response_type": RESPONSE_TYPE,
        "response_mode": str(request.response_mode),
        "response_uri": request.response_uri,
        "nonce": request.nonce,
        "state": request.state,
        "dcql_query": create_dcql_query(request.dcql_query),
        "client_metadata": create_client_metadata(request.client_metadata),
        "transaction_data": [each.text for each in request.transaction_data] or None,
        "expected_origins": list(request.expected_origins) or None,
    }
    return {name: value for name, value in members.items() if value is not None}


def create_authorization_request_link(
    request: AuthorizationRequest | RequestByReference | RequestByValue, *, scheme: str = SCHEME
) -> str:
    """What a QR code or a link hands to a wallet."""
    if isinstance(request, RequestByReference):
        fields = {"client_id": str(request.client_id), "request_uri": request.request_uri}
        if request.request_uri_method == "post":
            fields["request_uri_method"] = "post"
    elif isinstance(request, RequestByValue):
        fields = {"client_id": str(request.client_id), "request": request.request}
    else:
        fields = {
            name: value if isinstance(value, str) else compact_json(value).decode("utf-8")
            for name, value in create_authorization_request(request).items()
        }
    return f"{scheme}://?{urlencode(fields)}"


def parse_authorization_request_link(text: str) -> AuthorizationRequest | RequestByReference | RequestByValue:
    """A scanned or clicked link.

    Raises `ProtocolError`: `invalid_request`, `invalid_request_uri_method`, and as `parse_authorization_request`.
    """
    fields = _parse_link(text)
    references = {"request", "request_uri"} & fields.keys()
    if "request_uri_method" in fields and "request_uri" not in fields:
        raise _bad("request_uri_method comes without a request_uri.")
    if len(references) == 2:
        raise _bad("The request is there by value and by reference.")
    if not references:
        request = parse_authorization_request(_unpacked(fields))
        if request.client_id is None or request.client_id.prefix.is_signed or request.response_mode.is_dc_api:
            raise _bad("A request under this client_id must be signed.")
        return request
    client_id = parse_client_id(fields.get("client_id"))
    if not client_id.prefix.is_signed:
        raise _bad("A request under this client_id can't be signed.")
    if "request" in fields:
        return RequestByValue(client_id, fields["request"])
    method = fields.get("request_uri_method", "get")
    if method not in ("get", "post"):
        raise ProtocolError("invalid_request_uri_method", "request_uri_method is neither get nor post.")
    uri = check_url(fields["request_uri"], code="invalid_request")
    return RequestByReference(client_id, uri, "post" if method == "post" else "get")


def parse_authorization_request(value: Mapping[str, Any]) -> AuthorizationRequest:
    """The parameters of a request, as the JSON object that a request object or the browser's API brings.

    Unknown ones are ignored. Raises `ProtocolError`: `unsupported_response_type`, `invalid_scope`, `invalid_request`,
    `invalid_transaction_data`.
    """
    if "response_type" not in value:
        raise _bad("response_type is missing.")
    if value["response_type"] != RESPONSE_TYPE:
        raise ProtocolError("unsupported_response_type", "Only requests for a vp_token are answered.")
    if "scope" in value and "dcql_query" not in value:
        raise ProtocolError("invalid_scope", "No scope stands for a query here.")
    if "scope" in value or "dcql_query" not in value:
        raise _bad("A dcql_query is needed, and no scope beside it.")
    query = parse_dcql_query(value["dcql_query"])
    mode = _parse_response_mode(value.get("response_mode"))
    client_id = parse_client_id(value["client_id"]) if "client_id" in value else None
    metadata = parse_client_metadata(value.get("client_metadata", {}))
    if mode.is_encrypted and not (metadata.keys and metadata.enc_values):
        raise _bad("There is no key for an encrypted answer, or none that can be used.")
    return AuthorizationRequest(
        client_id,
        mode,
        nonce=_url_safe(value.get("nonce"), "nonce"),
        dcql_query=query,
        client_metadata=metadata,
        response_uri=None if mode.is_dc_api else _parse_response_uri(value, client_id),
        state=_url_safe(value["state"], "state") if "state" in value and not mode.is_dc_api else None,
        transaction_data=_parse_transaction_data(value, query),
        expected_origins=_parse_origins(value),
    )


def _parse_link(text: str) -> dict[str, str]:
    if len(text) > MAX_LINK or not text.isascii():
        raise _bad("The request is too long, or not of the characters that a link has.")
    try:
        parts = urlsplit(text.strip())
        pairs = parse_qsl(
            parts.query, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MAX_PARAMETERS
        )
    except ValueError as cause:
        raise _bad("This is not a request for credentials.") from cause
    if parts.scheme not in SCHEMES or parts.fragment:
        raise _bad("This is not a request for credentials.")
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _bad("A parameter is there twice.")
    return fields


def _unpacked(fields: Mapping[str, str]) -> dict[str, Any]:
    try:
        return {name: parse_json(text) if name in _OBJECTS else text for name, text in fields.items()}
    except EncodingError as cause:
        raise _bad("A parameter that holds JSON can't be read.") from cause


def _parse_response_mode(value: Any) -> ResponseMode:
    try:
        return ResponseMode(value)
    except ValueError as cause:
        raise _bad("response_mode is missing, or one that is not answered here.") from cause


def _parse_response_uri(value: Mapping[str, Any], client_id: ClientId | None) -> str:
    """Where the answer goes; the name itself may stand for it under `redirect_uri`, and nothing else may."""
    if client_id is None:
        raise _bad("client_id is missing.")
    if "redirect_uri" in value:
        raise _bad("A redirect_uri does not go with an answer that is posted.")
    if client_id.prefix is ClientIdPrefix.REDIRECT_URI:
        if value.get("response_uri", client_id.name) != client_id.name:
            raise _bad("The answer would go to another address than the client_id names.")
        return client_id.name
    return check_url(value.get("response_uri"), code="invalid_request")


def _parse_transaction_data(value: Mapping[str, Any], query: DcqlQuery) -> tuple[TransactionData, ...]:
    if "transaction_data" not in value:
        return ()
    texts = value["transaction_data"]
    if (
        not isinstance(texts, list)
        or not 0 < len(texts) <= _MAX_TRANSACTIONS
        or not all(isinstance(each, str) and 0 < len(each) <= _MAX_TRANSACTION for each in texts)
    ):
        raise ProtocolError("invalid_transaction_data", "transaction_data is not a list of a few texts.")
    ids = [each.id for each in query.credentials if each.require_cryptographic_holder_binding]
    return tuple(parse_transaction_data(each, credential_ids=ids) for each in texts)


def _parse_origins(value: Mapping[str, Any]) -> tuple[str, ...]:
    origins = value.get("expected_origins", [])
    if (
        not isinstance(origins, list)
        or len(origins) > _MAX_ORIGINS
        or not all(isinstance(each, str) and _ORIGIN.match(each) for each in origins)
    ):
        raise _bad("expected_origins is not a list of origins.")
    return tuple(origins)


def _url_safe(value: Any, name: str) -> str:
    if not isinstance(value, str) or not _URL_SAFE.match(value):
        raise _bad(f"{name} is missing, or has characters that it must not have.")
    return value


def _bad(message: str) -> ProtocolError:
    return ProtocolError("invalid_request", message)
