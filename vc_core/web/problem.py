"""From the error tree to HTTP: the one mapping table, and its two renderings.

Our own APIs answer with problem details (RFC 9457), whose `type` points at the code's heading in docs/errors.md.
Protocol endpoints raise `ProtocolError` and answer with OAuth's JSON (RFC 6749 section 5.2), never cached.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from vc_core import errors
from vc_core.protocols.oauth.client_attestation import ATTESTATION_CHALLENGE_HEADER, USE_ATTESTATION_CHALLENGE
from vc_core.protocols.oauth.dpop import DPOP_ALGORITHMS, DPOP_NONCE_HEADER, USE_DPOP_NONCE
from vc_core.web.logs import log_failure

ERRORS_PAGE = "https://sabai.invalid/docs/errors.md"
"""Where docs/errors.md is served; the `type` of a problem is this and `#<code>`."""

HTTP_STATUS: dict[type[errors.SabaiError], HTTPStatus] = {
    errors.InvalidRequest: HTTPStatus.BAD_REQUEST,
    errors.PayloadTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotAccredited: HTTPStatus.FORBIDDEN,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Rejection: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TrustBundleRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.LedgerError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.SignerUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.FetchError: HTTPStatus.BAD_GATEWAY,
}
OAUTH_STATUS = {
    "invalid_client": HTTPStatus.UNAUTHORIZED,
    "invalid_token": HTTPStatus.UNAUTHORIZED,
    "insufficient_scope": HTTPStatus.FORBIDDEN,
}
_DPOP_CODES = {"invalid_dpop_proof", USE_DPOP_NONCE}
_NONCE_HEADERS = {USE_DPOP_NONCE: DPOP_NONCE_HEADER, USE_ATTESTATION_CHALLENGE: ATTESTATION_CHALLENGE_HEADER}
_BY_STATUS = {
    HTTPStatus.NOT_FOUND: errors.NotFound("There is nothing here."),
    HTTPStatus.METHOD_NOT_ALLOWED: errors.InvalidRequest("This address does not take that method."),
}
_log = logging.getLogger(__name__)


def install_error_handlers(app: FastAPI) -> None:
    """Makes the application answer every error of the tree, and any other, in one of the two renderings."""
    app.add_exception_handler(errors.ProtocolError, _answer_protocol_error)
    app.add_exception_handler(errors.SabaiError, _answer_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid_form)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    app.add_exception_handler(Exception, _answer_unknown_error)


def problem_response(
    error: errors.SabaiError, status: HTTPStatus | None = None, *, extensions: Mapping[str, Any] | None = None
) -> JSONResponse:
    """An error as problem details; the status comes from the table unless given.

    `extensions` are further members (RFC 9457 section 3.2).
    """
    if status is None:
        status = next((HTTP_STATUS[kind] for kind in type(error).__mro__ if kind in HTTP_STATUS), None)
    if status is None:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
    content = {
        "type": f"{ERRORS_PAGE}#{str(error.code).lower()}",
        "title": status.phrase,
        "status": status.value,
        "code": str(error.code),
        "detail": error.message,
        **(extensions or {}),
    }
    headers = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else {}
    if isinstance(error, errors.TooManyRequests):
        headers["Retry-After"] = str(error.retry_after)
    return JSONResponse(content, status, media_type="application/problem+json", headers=headers)


def oauth_response(error: errors.ProtocolError) -> JSONResponse:
    """An error as OAuth's JSON; `error_description` keeps to the characters that RFC 6749 section 5.2 allows.

    What is wrong with a DPoP proof is 400 of an authorization server, 401 of a protected resource (RFC 9449 sections 5
    and 7.1).
    """
    status = OAUTH_STATUS.get(error.code, HTTPStatus.BAD_REQUEST)
    if error.scheme is not None and error.code in _DPOP_CODES:
        status = HTTPStatus.UNAUTHORIZED
    headers = {"Cache-Control": "no-store"}
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        headers["WWW-Authenticate"] = _challenge(error.scheme or "Bearer", error.code)
    if error.nonce is not None:
        headers[_NONCE_HEADERS[error.code]] = error.nonce
    description = re.sub(r'[^ -~]|["\\]', "'", error.message)
    return JSONResponse({"error": error.code, "error_description": description}, status, headers=headers)


def _challenge(scheme: str, code: str) -> str:
    return f'{scheme} error="{code}"' + (f', algs="{" ".join(DPOP_ALGORITHMS)}"' if scheme == "DPoP" else "")


async def _answer_protocol_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.ProtocolError)  # noqa: S101 - registered for this class only
    return oauth_response(error)


async def _answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.SabaiError)  # noqa: S101 - registered for this class only
    return problem_response(error)


async def _answer_invalid_form(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    where = sorted({".".join(str(part) for part in each["loc"][:3]) for each in error.errors()})
    return problem_response(errors.InvalidRequest("Not of the documented form: " + ", ".join(where)[:200] + "."))


async def _answer_http_exception(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    status = HTTPStatus(error.status_code)
    known = _BY_STATUS.get(status, errors.InvalidRequest("The request can't be read."))
    return problem_response(known, status)


async def _answer_unknown_error(_request: Request, error: Exception) -> Response:
    log_failure(_log, "unexpected error", error)
    return problem_response(errors.SabaiError("Something went wrong on our side; nothing was changed."))
