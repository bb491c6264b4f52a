"""Devices as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from backend.schemas import WireModel


class Challenge(BaseModel):
    """A question to a device: the `nonce` that its presentation must contain."""

    nonce: str
    expires_at: int = Field(description="Seconds since 1970; from then on the answer comes too late.")


class DeviceRegistration(WireModel):
    """A device that shows whose it is, and where pushes reach it."""

    presentation: str = Field(
        description="A HealthId as `dc+sd-jwt` with key binding: `aud` is this service's URL, `nonce` the challenge's."
    )
    fcm_token: Annotated[
        str, Field(pattern=r"^[!-~]{1,1024}$", description="The registration token that FCM gave the app.")
    ]
    language: Literal["th", "en", "my", "lo", "km"]


class RegisteredDevice(BaseModel):
    """The device's name and its bearer token, which is not shown again."""

    device_id: str
    device_token: str
