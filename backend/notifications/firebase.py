"""Firebase Cloud Messaging through firebase-admin.

What firebase-admin does by itself and must not do here: it retries 500 and 503 up to four times and sleeps through any
`Retry-After` inside the sending thread, which no timeout ends. The outbox does both, and can be seen doing it.
firebase-admin has no setting for another address of FCM, so a stand-in is put in its place by hand, before first use.
All that reaches into the library's private parts is in `_Messaging`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import firebase_admin
from firebase_admin import credentials, exceptions, messaging
from google.auth.exceptions import GoogleAuthError

from backend.devices.push_address import FcmToken
from backend.notifications.push import (
    QUOTA_SECONDS,
    AddressUnregistered,
    Push,
    PushError,
    PushRefused,
    PushUnavailable,
    parse_retry_after,
)
from vc_core.clock import Clock
from vc_core.errors import SettingsError

REQUEST_SECONDS = 10
SEND_SECONDS = 25
"""The longest that `send` takes, with what the library may need to get an access token first."""
_THREADS = 8
_KNOWN_BOUNDARY = {"encodedLocations": "0x0", "expiry": datetime.max}
"""No boundary, for good, in the terms of google-auth: times there are UTC and have no zone."""
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


class _Messaging:
    """The messaging service of a firebase-admin app of its own, without retries.

    With a stand-in, that is the only address it sends to.
    """

    def __init__(self, certificate: credentials.Certificate, messaging_url: str | None) -> None:
        self._app = firebase_admin.initialize_app(
            certificate, {"httpTimeout": REQUEST_SECONDS}, name=f"sabai-{uuid4().hex}"
        )
        service = messaging._get_messaging_service(self._app)
        session = service._client.session
        self._sessions = (session, session._auth_request_session)
        for adapter in session.adapters.values():
            adapter.max_retries = adapter.max_retries.new(
                total=0, connect=0, read=0, status=0, status_forcelist=(), respect_retry_after_header=False
            )
        if messaging_url is not None:
            service._fcm_url = f"{_origin(messaging_url)}/v1/projects/{self._app.project_id}/messages:send"
            for each in self._sessions:
                each.trust_env = False  # a proxy from the environment has no way back to this machine
            # Beside each token google-auth asks Google where it may be used; known already, that is not asked.
            session.credentials._set_regional_access_boundary(_KNOWN_BOUNDARY)

    @property
    def project_id(self) -> str:
        return str(self._app.project_id)

    def send(self, token: str, payload: dict[str, str]) -> None:
        """Sends a data message, and waits. Raises firebase-admin's and google-auth's errors."""
        message = messaging.Message(data=payload)
        message.token = token  # the constructor's argument warns in favour of `fid`, which is no address of ours
        messaging.send(message, app=self._app)

    def close(self) -> None:
        """Closes all connections; not to be called from an event loop, since the library starts one for this."""
        firebase_admin.delete_app(self._app)
        for each in self._sessions:
            each.close()


class FirebaseSender:
    """Sends through FCM's HTTP v1 API as the project that the service account belongs to."""

    def __init__(self, service_account: Mapping[str, Any], *, messaging_url: str | None, clock: Clock) -> None:
        """`messaging_url`: the origin of a stand-in, which must also be where the service account gets its tokens.

        Raises `SettingsError` where these don't fit, or the service account is none.
        """
        if messaging_url is not None and _origin(service_account.get("token_uri")) != _origin(messaging_url):
            raise SettingsError(["the service account must be the FCM stand-in's own: its token_uri is elsewhere"])
        try:
            certificate = credentials.Certificate(dict(service_account))
        except ValueError as cause:
            raise SettingsError(["firebase_service_account is not a service account's JSON file"]) from cause
        self._messaging = _Messaging(certificate, messaging_url)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="fcm")
        self._clock = clock

    @property
    def project_id(self) -> str:
        """The Firebase project that it sends for: tokens of others are refused."""
        return self._messaging.project_id

    async def send(self, address: FcmToken, push: Push) -> None:
        """See `PushSender`. Takes `SEND_SECONDS` at most; a request that is under way then may still arrive."""
        sending = asyncio.get_running_loop().run_in_executor(self._threads, self._send, address.token, push.payload())
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await sending
        except TimeoutError as cause:
            raise PushUnavailable("timeout") from cause

    async def close(self) -> None:
        """See `PushSender`."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._messaging.close)

    def _send(self, token: str, payload: dict[str, str]) -> None:
        try:
            self._messaging.send(token, payload)
        except exceptions.FirebaseError as cause:
            raise _push_error(cause, self._clock()) from cause
        except GoogleAuthError as cause:
            raise PushUnavailable("access_token") from cause
        except (AttributeError, LookupError, TypeError, ValueError) as cause:
            # How the library ends on an answer of another form than FCM's, such as a proxy's.
            raise PushUnavailable("unreadable_answer") from cause


def load_firebase_sender(service_account: Path, *, messaging_url: str | None, clock: Clock) -> FirebaseSender:
    """A sender from the service account's JSON file. Raises `SettingsError`."""
    try:
        account = json.loads(service_account.read_bytes())
    except (OSError, ValueError) as cause:
        raise SettingsError(["firebase_service_account can't be read as a JSON file"]) from cause
    if not isinstance(account, dict):
        raise SettingsError(["firebase_service_account is not a service account's JSON file"])
    return FirebaseSender(account, messaging_url=messaging_url, clock=clock)


def _origin(url: Any) -> str:
    parts = urlsplit(str(url))
    return f"{parts.scheme}://{parts.netloc}"


def _push_error(error: Any, now: int) -> PushError:
    """What firebase-admin's error means for the push and its token."""
    code = str(error.code).lower()
    if isinstance(error, messaging.UnregisteredError) or _names_token(error):
        return AddressUnregistered("unregistered")
    if isinstance(error, exceptions.InvalidArgumentError | messaging.SenderIdMismatchError):
        return PushRefused(code)
    response = error.http_response
    retry_after = parse_retry_after(response.headers.get("retry-after", ""), now) if response is not None else 0
    if not retry_after and isinstance(error, messaging.QuotaExceededError | exceptions.ResourceExhaustedError):
        retry_after = QUOTA_SECONDS
    return PushUnavailable(code, retry_after)


def _names_token(error: Any) -> bool:
    """Whether FCM calls the registration token invalid.

    A bad payload is an INVALID_ARGUMENT too, and then has a `BadRequest` that names the field at fault. What FCM itself
    says of a token is an `FcmError`, alone or with a `BadRequest` about the token only.
    """
    if not isinstance(error, exceptions.InvalidArgumentError) or error.http_response is None:
        return False
    try:
        details = error.http_response.json()["error"]["details"]
        fcm_codes = [detail["errorCode"] for detail in details if detail["@type"] == _FCM_ERROR]
        violations = [
            each for detail in details if detail["@type"] == _BAD_REQUEST for each in detail["fieldViolations"]
        ]
        return "INVALID_ARGUMENT" in fcm_codes and all(each["field"] == "message.token" for each in violations)
    except (ValueError, KeyError, TypeError):
        return False
