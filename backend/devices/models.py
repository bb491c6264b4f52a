"""What the backend keeps of a device, and of the questions that devices answered to be registered."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import BigInteger
from sqlmodel import Field

from backend.devices.push_address import MAX_ADDRESS
from backend.models import BackendTable
from vc_core.credential_types.definition import MAX_TEXT


class Device(BackendTable, table=True):
    """A wallet on a phone. `token_hash` is the SHA-256 of its device token, in hex digits.

    `push_address` is an FCM token or a Web Push endpoint, and unique: a phone that several patients share gets the
    pushes of the one who gave it last. None where there is none, once its push service no longer knows it, and once
    another patient gave it. `web_push_keys` belongs to an endpoint; see `backend.devices.push_address`.
    """

    __tablename__ = "device"

    id: str = Field(default_factory=lambda: uuid4().hex, primary_key=True, max_length=32)
    health_id: str = Field(max_length=MAX_TEXT, index=True)
    token_hash: str = Field(max_length=64, unique=True)
    push_address: str | None = Field(default=None, max_length=MAX_ADDRESS, unique=True)
    web_push_keys: str | None = Field(default=None, max_length=128)
    language: str = Field(max_length=8)
    registered_at: int = Field(sa_type=BigInteger)


class DeviceChallengeSecret(BackendTable, table=True):
    """The secret (32 bytes, hex) by which all processes of the backend know its challenges: one row, made once."""

    __tablename__ = "device_challenge_secret"

    id: int = Field(primary_key=True)
    secret: str = Field(max_length=64)


class UsedDeviceChallenge(BackendTable, table=True):
    """A challenge that registered a device (SHA-256, hex): it does not count a second time."""

    __tablename__ = "used_device_challenge"

    digest: str = Field(primary_key=True, max_length=64)
    expires_at: int = Field(sa_type=BigInteger, index=True)


class SeenPresentation(BackendTable, table=True):
    """A presentation that registered a device; its digest (SHA-256) can't come by again until `fresh_until`."""

    __tablename__ = "seen_presentation"

    digest: bytes = Field(primary_key=True, max_length=32)
    fresh_until: int = Field(sa_type=BigInteger, index=True)
