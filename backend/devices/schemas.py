"""Devices as they go over the wire."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from pydantic import AfterValidator, BaseModel, Field, model_validator

from backend.devices.push_address import MAX_ADDRESS, FcmToken, PushAddress, WebPushSubscription
from backend.schemas import WireModel
from vc_core.encoding import base64url_decode

_LOOPBACK = ("127.0.0.1", "localhost")
_VISIBLE = re.compile(r"[!-~]+\Z")


def _check_endpoint(text: str) -> str:
    """Where it leads is judged when it is asked (`vc_core.http`); only the embedded profile asks this machine."""
    parts = urlsplit(text)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    has_port = parts.port != 0  # reading one that is none raises `ValueError`
    if (
        not (secure and parts.hostname and has_port)
        or "@" in parts.netloc
        or parts.fragment
        or not _VISIBLE.match(text)
    ):
        raise ValueError("an endpoint is an https address")
    return text


def _check_point(text: str) -> str:
    point = base64url_decode(text)
    if len(point) != 65:
        raise ValueError("a point of P-256 has 65 bytes, uncompressed")
    EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    return text


def _check_secret(text: str) -> str:
    if len(base64url_decode(text)) != 16:
        raise ValueError("the authentication secret has 16 bytes")
    return text


_FcmTokenText = Annotated[
    str, Field(pattern=r"^[!-~]{1,1024}$", description="The registration token that FCM gave the app.")
]


class Challenge(BaseModel):
    """A question to a device: the `nonce` and the `audience` that its presentation must contain."""

    nonce: str
    audience: str = Field(description="This service's URL, wherever its pages are seen.")
    expires_at: int = Field(description="Seconds since 1970; from then on the answer comes too late.")


class FcmAddress(WireModel):
    """An app that FCM knows."""

    kind: Literal["fcm"]
    token: _FcmTokenText

    def address(self) -> PushAddress:
        """As the backend goes on with it."""
        return FcmToken(self.token)


class WebPushKeys(WireModel):
    """The `keys` of a browser's subscription, in base64url."""

    p256dh: Annotated[str, Field(max_length=128), AfterValidator(_check_point)]
    auth: Annotated[str, Field(max_length=64), AfterValidator(_check_secret)]


class WebPushAddress(WireModel):
    """A browser's subscription: `PushSubscription.toJSON()` without `expirationTime`."""

    kind: Literal["web_push"]
    endpoint: Annotated[str, Field(max_length=MAX_ADDRESS), AfterValidator(_check_endpoint)]
    keys: WebPushKeys

    def address(self) -> PushAddress:
        """As the backend goes on with it."""
        return WebPushSubscription(self.endpoint, base64url_decode(self.keys.p256dh), base64url_decode(self.keys.auth))


_Push = Annotated[FcmAddress | WebPushAddress, Field(discriminator="kind")]


class DeviceRegistration(WireModel):
    """A device that shows whose it is, and where pushes reach it."""

    presentation: str = Field(
        description="A HealthId as `dc+sd-jwt` with key binding: `aud` is this service's URL, `nonce` the challenge's."
    )
    push: _Push | None = Field(default=None, description="Where pushes go; null for an inbox alone.")
    fcm_token: _FcmTokenText | None = Field(
        default=None, description="What wallets sent before there was `push`: the same as a `push` of the kind `fcm`."
    )
    language: Literal["th", "en", "my", "lo", "km"]

    @model_validator(mode="after")
    def _check_one_address(self) -> Self:
        if self.push is not None and self.fcm_token is not None:
            raise ValueError("push and fcm_token do not go together")
        return self

    def push_address(self) -> PushAddress | None:
        """Where pushes go, however it was said."""
        if self.fcm_token is not None:
            return FcmToken(self.fcm_token)
        return None if self.push is None else self.push.address()


class PushChoice(WireModel):
    """Where pushes go from now on; null for nowhere, which leaves the inbox."""

    push: _Push | None


class RegisteredDevice(BaseModel):
    """The device's name and its bearer token, which is not shown again."""

    device_id: str
    device_token: str
