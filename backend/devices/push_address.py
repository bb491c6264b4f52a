"""Where pushes reach a device: a token of FCM's, or a subscription at a Web Push service; a device may have neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from vc_core.encoding import base64url_decode, base64url_encode

MAX_ADDRESS = 1024
"""The longest token or endpoint, in characters."""


@dataclass(frozen=True)
class FcmToken:
    """The registration token that FCM gave an app."""

    token: str

    def to_columns(self) -> tuple[str, None]:
        """As a device's row keeps it: `push_address` and `web_push_keys`."""
        return self.token, None


@dataclass(frozen=True)
class WebPushSubscription:
    """What a browser's `PushManager` gave (RFC 8030): an https address that only it and we know, and its keys.

    `p256dh` is an uncompressed point of P-256 (65 bytes), `auth` a secret of 16 bytes (RFC 8291 section 2).
    """

    endpoint: str
    p256dh: bytes
    auth: bytes

    def to_columns(self) -> tuple[str, str]:
        """As a device's row keeps it: `push_address` and `web_push_keys`, 81 bytes in base64url."""
        return self.endpoint, base64url_encode(self.p256dh + self.auth)


@dataclass(frozen=True)
class PushHosts:
    """The hosts of push services that browsers may be reached at.

    `*.push.example` stands for all hosts under `push.example`, `*` for whichever host there is.
    """

    names: Sequence[str]

    def has(self, endpoint: str) -> bool:
        """Whether the endpoint's host is one of them."""
        host = urlsplit(endpoint).hostname or ""
        return any(host.endswith(name[1:]) if name.startswith("*") else host == name for name in self.names)

    def vouched_for(self) -> PushHosts:
        """Those that are no stranger's choice: all that were named, and of whichever host there is the browsers'."""
        return BROWSERS_HOSTS if "*" in self.names else self


ANY_HOST = PushHosts(["*"])
BROWSERS_HOSTS = PushHosts(
    [
        "fcm.googleapis.com",
        "jmt17.google.com",
        "updates.push.services.mozilla.com",
        "*.push.apple.com",
        "*.notify.windows.com",
    ]
)
"""Of the push services that browsers in use today have: Google's (Chrome; Chromium and what comes before a release),
Mozilla's, Apple's and Microsoft's."""

PushAddress = FcmToken | WebPushSubscription


def load_push_address(push_address: str | None, web_push_keys: str | None) -> PushAddress | None:
    """The reverse of `to_columns`; None where the device has no address."""
    if push_address is None:
        return None
    if web_push_keys is None:
        return FcmToken(push_address)
    keys = base64url_decode(web_push_keys)
    return WebPushSubscription(push_address, keys[:65], keys[65:])
