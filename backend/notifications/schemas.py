"""Messages as they go over the wire."""

from __future__ import annotations

from pydantic import BaseModel, Field

from backend.notifications.models import Template
from backend.settings import FcmWebConfig


class WebPushService(BaseModel):
    """What a browser subscribes with."""

    application_server_key: str = Field(description="An uncompressed point of P-256 in base64url (RFC 8292).")


class FcmWebService(BaseModel):
    """What FCM's web client registers a browser with."""

    config: FcmWebConfig = Field(description="What `initializeApp` takes.")
    vapid_key: str = Field(description="What `getToken` takes: an uncompressed point of P-256 in base64url.")


class PushServicesAnswer(BaseModel):
    """The push services that a wallet may give an address of; null where this service sends nothing there.

    A browser that finds both registers with FCM.
    """

    fcm_web: FcmWebService | None
    web_push: WebPushService | None


class Message(BaseModel):
    """One message. The wallet has the text of its template, and fills in the parameters."""

    id: str
    template: Template
    parameters: dict[str, str | int]
    created_at: int = Field(description="Seconds since 1970.")
    opened_at: int | None = Field(description="When it was first opened, in seconds since 1970; null if never.")


class Messages(BaseModel):
    """A page of the inbox, the oldest message first."""

    messages: list[Message]
