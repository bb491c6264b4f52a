"""A stand-in of Firebase Cloud Messaging's HTTP v1 API, for the embedded profile and for tests.

It is a real HTTP server's application, and as strict as FCM where it matters here: a service account trades a signed
assertion for an access token (RFC 7523), a message needs that token, one target, and data of text only. It delivers
nothing: it keeps what it took. Answers that FCM gives on a bad day can be asked for in advance.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vc_core.clock import Clock
from vc_core.encoding import EncodingError, base64url_decode, parse_json_object

PROJECT_ID = "sabai-stand-in"
MAX_MESSAGE_BYTES = 4096
SCOPES = frozenset(
    {"https://www.googleapis.com/auth/firebase.messaging", "https://www.googleapis.com/auth/cloud-platform"}
)
"""Either lets an account send messages; firebase-admin asks for the second."""
AUDIENCE = "https://oauth2.googleapis.com/token"
"""Whom assertions are meant for: google-auth writes this whatever the service account's `token_uri` says."""
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_SECONDS = 3600
CLOCK_TOLERANCE_SECONDS = 300
_EMAIL = f"push@{PROJECT_ID}.iam.gserviceaccount.com"
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
_TARGETS = ("token", "fid", "topic", "condition")
_MEMBERS = {*_TARGETS, "name", "data", "notification", "android", "webpush", "apns", "fcm_options"}


def create_stand_in_service_account(token_uri: str) -> dict[str, str]:
    """A service account's JSON with a fresh key, which only the stand-in made with it knows.

    `token_uri` is the stand-in's `/token`. To be written to a file of mode 0600, and never committed.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {
        "type": "service_account",
        "project_id": PROJECT_ID,
        "private_key_id": secrets.token_hex(20),
        "private_key": pem.decode("ascii"),
        "client_email": _EMAIL,
        "client_id": "100000000000000000000",
        "token_uri": token_uri,
    }


@dataclass(frozen=True)
class Answer:
    """What to answer to a message instead of taking it."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


def error_answer(
    status: int,
    code: str,
    *,
    fcm_error: str | None = None,
    field_name: str | None = None,
    retry_after: str | None = None,
) -> Answer:
    """An error as Google's APIs write it: `code` is the RPC status (`NOT_FOUND`), `fcm_error` what FCM adds
    (`UNREGISTERED`), `field_name` the field that a `BadRequest` names, `retry_after` the header of that name.
    """
    details: list[dict[str, Any]] = []
    if fcm_error is not None:
        details.append({"@type": _FCM_ERROR, "errorCode": fcm_error})
    if field_name is not None:
        violation = {"field": field_name, "description": "Invalid value"}
        details.append({"@type": _BAD_REQUEST, "fieldViolations": [violation]})
    error = {"code": status, "message": "The stand-in was told to answer this.", "status": code, "details": details}
    return Answer(status, {"error": error}, {"Retry-After": retry_after} if retry_after is not None else {})


QUOTA_EXCEEDED = error_answer(429, "RESOURCE_EXHAUSTED", fcm_error="QUOTA_EXCEEDED", retry_after="30")
INTERNAL = error_answer(500, "INTERNAL", fcm_error="INTERNAL")
UNAVAILABLE = error_answer(503, "UNAVAILABLE", fcm_error="UNAVAILABLE", retry_after="120")
UNREGISTERED = error_answer(404, "NOT_FOUND", fcm_error="UNREGISTERED")
INVALID_TOKEN = error_answer(400, "INVALID_ARGUMENT", fcm_error="INVALID_ARGUMENT")
INVALID_ARGUMENT = error_answer(400, "INVALID_ARGUMENT", field_name="message.data[0].value")


class FcmStandIn:
    """The server's state: whom it gave access tokens, what it took, and what it was told to answer next.

    `app` is the ASGI application. `randomness` gives that many random bytes.
    """

    def __init__(
        self,
        service_account: Mapping[str, str],
        *,
        clock: Clock,
        randomness: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        key = serialization.load_pem_private_key(service_account["private_key"].encode("ascii"), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError("a service account's key is an RSA key")
        self._key = key.public_key()
        self._account = service_account
        self._clock = clock
        self._randomness = randomness
        self._access_tokens: dict[str, int] = {}
        self._answers: deque[Answer] = deque()
        self._messages: list[dict[str, Any]] = []
        self._arrived = asyncio.Condition()
        self.attempts = 0
        """How many times a message was sent, whatever became of it."""
        self.app = Starlette(
            routes=[
                Route("/token", self._token, methods=["POST"]),
                Route("/v1/projects/{project}/messages:send", self._send, methods=["POST"]),
            ]
        )

    def answer_next(self, *answers: Answer) -> None:
        """Makes the next messages get these answers, one each, in this order; they are not taken."""
        self._answers.extend(answers)

    def messages(self) -> list[dict[str, Any]]:
        """All messages that were taken, as they came, the oldest first."""
        return list(self._messages)

    def messages_for(self, token: str) -> list[dict[str, Any]]:
        """The messages that were taken for this registration token, the oldest first."""
        return [message for message in self._messages if message.get("token") == token]

    async def wait_for_message(self, token: str, *, count: int = 1, seconds: float = 10) -> list[dict[str, Any]]:
        """The messages for this token, as soon as there are `count`. Raises `TimeoutError` after so many seconds."""
        async with asyncio.timeout(seconds), self._arrived:
            await self._arrived.wait_for(lambda: len(self.messages_for(token)) >= count)
        return self.messages_for(token)

    async def _token(self, request: Request) -> Response:
        """RFC 7523 section 2.1: an access token for an assertion that the service account signed."""
        form = parse_qs((await request.body()).decode("ascii", "replace"))
        if form.get("grant_type") != [GRANT_TYPE]:
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        reason = self._fault_of_assertion(form.get("assertion", [""])[0])
        if reason is not None:
            return JSONResponse({"error": "invalid_grant", "error_description": reason}, 400)
        token = self._randomness(32).hex()
        self._access_tokens[token] = self._clock() + TOKEN_SECONDS
        return JSONResponse({"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"})

    def _fault_of_assertion(self, assertion: str) -> str | None:
        """What is wrong with the assertion (a compact JWS, RS256), or None."""
        signing_input, _, signature = assertion.rpartition(".")
        header_part, _, payload_part = signing_input.partition(".")
        try:
            header = parse_json_object(base64url_decode(header_part))
            payload = parse_json_object(base64url_decode(payload_part))
            self._key.verify(
                base64url_decode(signature), signing_input.encode("ascii"), padding.PKCS1v15(), hashes.SHA256()
            )
        except (EncodingError, UnicodeError):
            return "the assertion is not a JWT"
        except InvalidSignature:
            return "the assertion is not signed by the service account"
        now = self._clock()
        expires_at, issued_at = payload.get("exp"), payload.get("iat")
        if header.get("alg") != "RS256" or payload.get("iss") != self._account["client_email"]:
            return "the assertion is of another account or algorithm"
        if payload.get("aud") != AUDIENCE:
            return "the assertion is meant for somebody else"
        if type(expires_at) is not int or type(issued_at) is not int or expires_at - issued_at > TOKEN_SECONDS:
            return "the assertion must be valid for an hour at most"
        if not issued_at - CLOCK_TOLERANCE_SECONDS <= now < expires_at:
            return "the assertion is not valid at this time"
        if SCOPES.isdisjoint(str(payload.get("scope", "")).split()):
            return "the assertion does not ask for messaging"
        return None

    async def _send(self, request: Request) -> Response:
        self.attempts += 1
        if not self._is_authorized(request):
            return _refuse(error_answer(401, "UNAUTHENTICATED"))
        if request.path_params["project"] != self._account["project_id"]:
            return _refuse(error_answer(403, "PERMISSION_DENIED", fcm_error="SENDER_ID_MISMATCH"))
        if self._answers:
            return _refuse(self._answers.popleft())
        try:
            body = parse_json_object(await request.body())
        except EncodingError:
            return _refuse(error_answer(400, "INVALID_ARGUMENT"))
        fault = _faulty_field(body)
        if fault is not None:
            return _refuse(error_answer(400, "INVALID_ARGUMENT", field_name=fault))
        async with self._arrived:
            self._messages.append(body["message"])
            self._arrived.notify_all()
        return JSONResponse({"name": f"projects/{PROJECT_ID}/messages/{self._randomness(8).hex()}"})

    def _is_authorized(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme == "Bearer" and self._clock() < self._access_tokens.get(token, 0)


def _refuse(answer: Answer) -> Response:
    return JSONResponse(answer.body, answer.status, headers=dict(answer.headers))


def _faulty_field(body: Mapping[str, Any]) -> str | None:
    """The first field of a request that FCM would not take, or None."""
    message = body.get("message")
    if not isinstance(message, dict) or body.keys() - {"message", "validate_only"}:
        return "message"
    unknown = message.keys() - _MEMBERS
    if unknown:
        return f"message.{min(unknown)}"
    targets = [name for name in _TARGETS if name in message]
    if len(targets) != 1 or not isinstance(message[targets[0]], str) or not message[targets[0]]:
        return "message.token"
    data = message.get("data", {})
    if not isinstance(data, dict):
        return "message.data"
    for index, (key, value) in enumerate(data.items()):
        if key in ("from", "message_type") or key.startswith(("google.", "gcm.")):
            return f"message.data[{index}].key"
        if not isinstance(value, str):
            return f"message.data[{index}].value"
    if len(json.dumps(data, ensure_ascii=False).encode("utf-8")) > MAX_MESSAGE_BYTES:
        return "message.data"
    return None
