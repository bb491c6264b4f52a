"""The authorization response (OpenID4VP 1.0 section 8): what a holder presents, or why they don't.

    vp_token: {"<id of a credential query>": [<presentation>, …], …}

A presentation is text here, whatever its format: one that is JSON is an object on the way and the text of that object
on both sides. Which presentations a query asks for is `vc_core.protocols.dcql`'s; whether they may be trusted,
`vc_core.verification`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vc_core.encoding import EncodingError, compact_json, parse_json_object
from vc_core.errors import ProtocolError
from vc_core.protocols.addresses import check_url

MAX_PRESENTATION = 64 * 1024
_MAX_QUERIES = 20
_MAX_OF_ONE_QUERY = 10
_QUERY_ID = re.compile(r"[A-Za-z0-9_-]{1,100}\Z")
_ERROR_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
_MAX_TEXT = 512

WALLET_ERRORS = frozenset(
    {
        "access_denied",
        "invalid_client",
        "invalid_request",
        "invalid_request_object",
        "invalid_request_uri",
        "invalid_request_uri_method",
        "invalid_scope",
        "invalid_transaction_data",
        "server_error",
        "temporarily_unavailable",
        "unsupported_response_type",
        "vp_formats_not_supported",
        "wallet_unavailable",
    }
)
"""The error codes of section 8.5, RFC 6749 section 4.1.2.1 and RFC 9101 section 7."""


@dataclass(frozen=True)
class AuthorizationResponse:
    """Presentations as text, by the id of the credential query that they answer."""

    vp_token: Mapping[str, tuple[str, ...]]
    state: str | None = None


@dataclass(frozen=True)
class AuthorizationErrorResponse:
    """Why a wallet presents nothing; `error` is one of `WALLET_ERRORS`, or `unknown_error` for any other."""

    error: str
    state: str | None = None


@dataclass(frozen=True)
class EncryptedResponse:
    """An answer as a JWE, to be opened with the request's key."""

    jwe: str


@dataclass(frozen=True)
class ResponseAnswer:
    """What a verifier answers to a response: where the holder's browser is to go on (section 8.2), if anywhere."""

    redirect_uri: str | None = None


UnverifiedResponse = AuthorizationResponse | AuthorizationErrorResponse | EncryptedResponse


def create_authorization_response(response: AuthorizationResponse | AuthorizationErrorResponse) -> dict[str, Any]:
    """The response's parameters as a JSON object: what is encrypted, or goes through the browser's API."""
    value: dict[str, Any]
    if isinstance(response, AuthorizationErrorResponse):
        value = {"error": response.error}
    else:
        value = {"vp_token": {name: [_to_json(each) for each in texts] for name, texts in response.vp_token.items()}}
    return value if response.state is None else {**value, "state": response.state}


def create_response_form(response: UnverifiedResponse) -> dict[str, str]:
    """The form fields that a wallet posts (`direct_post`, `direct_post.jwt`)."""
    if isinstance(response, EncryptedResponse):
        return {"response": response.jwe}
    return {
        name: value if isinstance(value, str) else compact_json(value).decode("utf-8")
        for name, value in create_authorization_response(response).items()
    }


def parse_response_form(fields: Sequence[tuple[str, str]]) -> UnverifiedResponse:
    """Decoded form fields in the order sent; unknown ones are ignored. Raises `ProtocolError` `invalid_request`."""
    values: dict[str, Any] = dict(fields)
    if len(values) != len(fields):
        raise _bad("A parameter is sent twice.")
    if "vp_token" in values:
        try:
            values["vp_token"] = parse_json_object(values["vp_token"])
        except EncodingError as cause:
            raise _bad("vp_token is not a JSON object.") from cause
    return parse_authorization_response(values)


def parse_authorization_response(value: Mapping[str, Any]) -> UnverifiedResponse:
    """The parameters of a response; unknown ones are ignored. Raises `ProtocolError` `invalid_request`."""
    kinds = {"vp_token", "error", "response"} & value.keys()
    if len(kinds) != 1:
        raise _bad("Exactly one of vp_token, response and error is needed.")
    if "response" in value:
        jwe = value["response"]
        if not isinstance(jwe, str) or jwe.count(".") != 4:
            raise _bad("response is not an encrypted JWT.")
        return EncryptedResponse(jwe)
    state = value.get("state")
    if state is not None and (not isinstance(state, str) or len(state) > _MAX_TEXT):
        raise _bad("state is not text, or too long.")
    if "error" in value:
        error = value["error"]
        if not isinstance(error, str) or not _ERROR_CODE.match(error):
            raise _bad("error is not an error code.")
        return AuthorizationErrorResponse(error if error in WALLET_ERRORS else "unknown_error", state)
    return AuthorizationResponse(_parse_vp_token(value["vp_token"]), state)


def create_response_answer(answer: ResponseAnswer) -> dict[str, str]:
    """The answer as a JSON object."""
    return {} if answer.redirect_uri is None else {"redirect_uri": answer.redirect_uri}


def parse_response_answer(value: Mapping[str, Any]) -> ResponseAnswer:
    """A verifier's answer. Raises `ProtocolError` `server_error` where its address is none that a browser may go to."""
    uri = value.get("redirect_uri")
    if uri is None:
        return ResponseAnswer()
    address = uri.partition("#")[0] if isinstance(uri, str) else None
    check_url(address, code="server_error")
    if len(uri) > 2 * _MAX_TEXT + len(str(address)):
        raise ProtocolError("server_error", "The address to go on at is too long.")
    return ResponseAnswer(uri)


def _parse_vp_token(value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict) or not 0 < len(value) <= _MAX_QUERIES:
        raise _bad("vp_token is not an object with a few members.")
    if not all(_QUERY_ID.match(name) for name in value):
        raise _bad("vp_token names what can't be a credential query.")
    return {name: _parse_presentations(each) for name, each in value.items()}


def _parse_presentations(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= _MAX_OF_ONE_QUERY:
        raise _bad("A member of vp_token is not a list of presentations.")
    texts = tuple(_to_text(each) for each in value)
    if not all(0 < len(text) <= MAX_PRESENTATION for text in texts):
        raise _bad("A presentation is empty or too long.")
    return texts


def _to_text(presentation: Any) -> str:
    if isinstance(presentation, dict):
        return compact_json(presentation).decode("utf-8")
    # A presentation that is an object must be one on the way too: as text, two readers could see two things.
    if not isinstance(presentation, str) or presentation.lstrip().startswith("{"):
        raise _bad("A presentation is neither text nor an object.")
    return presentation


def _to_json(presentation: str) -> Any:
    return parse_json_object(presentation) if presentation.startswith("{") else presentation


def _bad(message: str) -> ProtocolError:
    return ProtocolError("invalid_request", message)
