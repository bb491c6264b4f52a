"""What FCM's web client asks of Google, answered as Google's APIs do, for a browser that doesn't reach them."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from sabai.fcm_stand_in import PROJECT_ID
from tests.support.push_service import Browser
from vc_core.encoding import base64url_encode

INSTALLATIONS = f"https://firebaseinstallations.googleapis.com/v1/projects/{PROJECT_ID}/installations"
REGISTRATIONS = f"https://fcmregistrations.googleapis.com/v1/projects/{PROJECT_ID}/registrations"
HOSTS = re.compile(r"https://[^/]*\.googleapis\.com/.*")

WEB_APP = {
    "apiKey": "AIzaSy-of-the-tests",
    "appId": "1:123456789012:web:0123456789abcdef",
    "projectId": PROJECT_ID,
    "messagingSenderId": "123456789012",
}
"""A Firebase web app of the project for which `sabai.fcm_stand_in` sends."""


@dataclass
class FcmWebStandIn:
    """Knows browsers (installations) and the tokens that it gave them, each with what it registered.

    `vapid_key` is the public key of the web app's certificate.
    """

    vapid_key: str
    installations: dict[str, str] = field(default_factory=dict)
    """The access token of each installation."""
    registrations: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What each token was given for: where the browser's own push service is, and its keys."""
    is_closed: bool = False
    """Whether it refuses everybody."""

    def answer(self, method: str, url: str, headers: dict[str, str], body: str | None) -> tuple[int, dict[str, Any]]:
        """The status and the JSON of an answer; `headers` by names in lower case."""
        if self.is_closed or headers.get("x-goog-api-key") != WEB_APP["apiKey"]:
            return _refuse(403, "PERMISSION_DENIED")
        if (method, url) == ("POST", INSTALLATIONS):
            return self._install(json.loads(body or ""))
        if method == "DELETE" and url.startswith(INSTALLATIONS + "/"):
            return self._uninstall(url.rpartition("/")[2], headers)
        if (
            headers.get("x-goog-firebase-installations-auth", "").removeprefix("FIS ")
            not in self.installations.values()
        ):
            return _refuse(401, "UNAUTHENTICATED")
        if (method, url) == ("POST", REGISTRATIONS):
            return self._register(json.loads(body or "")["web"])
        return _refuse(404, "NOT_FOUND")

    def _install(self, asked: dict[str, str]) -> tuple[int, dict[str, Any]]:
        fid = asked["fid"]
        if asked["appId"] != WEB_APP["appId"] or not re.fullmatch(r"[cdef][\w-]{21}", fid):
            return _refuse(400, "INVALID_ARGUMENT")
        self.installations[fid] = secrets.token_urlsafe(32)
        return 200, {
            "name": f"projects/123456789012/installations/{fid}",
            "fid": fid,
            "refreshToken": f"refresh-{fid}",
            "authToken": {"token": self.installations[fid], "expiresIn": "604800s"},
        }

    def _uninstall(self, fid: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if headers.get("authorization") != f"FIS_v2 refresh-{fid}" or self.installations.pop(fid, None) is None:
            return _refuse(401, "UNAUTHENTICATED")
        return 200, {}

    def _register(self, web: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if web["applicationPubKey"] != self.vapid_key or not web["endpoint"].startswith("https://"):
            return _refuse(400, "INVALID_ARGUMENT")
        token = f"{secrets.token_urlsafe(16)}:APA91b{secrets.token_urlsafe(100)}"
        self.registrations[token] = web
        return 200, {"token": token, "web": web}


def pushed_by_fcm(message: dict[str, Any]) -> dict[str, Any]:
    """What FCM makes of a data message for a browser: the JSON that its service worker gets."""
    return {
        "data": message["data"],
        "from": WEB_APP["messagingSenderId"],
        "priority": "normal",
        "fcmMessageId": secrets.token_hex(16),
    }


def create_vapid_key() -> str:
    """The public key of a fresh certificate."""
    return base64url_encode(Browser("https://unused.test").p256dh)


def _refuse(status: int, code: str) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"code": status, "message": "The stand-in refuses this.", "status": code}}
