"""The notification request (section 11): a wallet tells the issuer what became of the credentials of one response."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vc_core.encoding import EncodingError, parse_json_object
from vc_core.errors import ProtocolError
from vc_core.protocols.text import is_text

MAX_DESCRIPTION = 500
_DESCRIPTION = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]*\Z")


class NotificationEvent(StrEnum):
    """What became of them: kept, given up by the holder, or not kept for any other reason."""

    ACCEPTED = "credential_accepted"
    DELETED = "credential_deleted"
    FAILURE = "credential_failure"


@dataclass(frozen=True)
class Notification:
    """A notification; the description is for developers, ASCII without quotes and backslashes."""

    notification_id: str
    event: NotificationEvent
    event_description: str | None = None


def create_notification_request(notification: Notification) -> dict[str, Any]:
    """A notification request (section 11.1)."""
    request = {"notification_id": notification.notification_id, "event": str(notification.event)}
    description = notification.event_description
    return request | ({} if description is None else {"event_description": description})


def parse_notification_request(body: bytes) -> Notification:
    """A notification request. Unknown members are ignored. Raises `ProtocolError` `invalid_notification_request`."""
    try:
        value = parse_json_object(body)
    except EncodingError as cause:
        raise _bad_request("The request is not a JSON object.") from cause
    event, description = value.get("event"), value.get("event_description")
    if not is_text(value.get("notification_id")):
        raise _bad_request("notification_id is missing.")
    if event not in list(NotificationEvent):
        raise _bad_request("event is missing, or none that there is.")
    if description is not None and not (
        isinstance(description, str) and len(description) <= MAX_DESCRIPTION and _DESCRIPTION.match(description)
    ):
        raise _bad_request("event_description is too long, or has characters that it may not have.")
    return Notification(value["notification_id"], NotificationEvent(event), description)


def _bad_request(message: str) -> ProtocolError:
    return ProtocolError("invalid_notification_request", message)
