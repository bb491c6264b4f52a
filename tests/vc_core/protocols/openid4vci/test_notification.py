"""Notification requests."""

from __future__ import annotations

import pytest

from vc_core.encoding import compact_json
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vci.notification import (
    Notification,
    NotificationEvent,
    create_notification_request,
    parse_notification_request,
)


@pytest.mark.parametrize("event", NotificationEvent)
@pytest.mark.parametrize("description", [None, "", "Out of storage: 5 MB (of 5)!"])
def test_a_request_is_read_as_it_was_made(event: NotificationEvent, description: str | None) -> None:
    notification = Notification("n", event, description)
    body = compact_json(create_notification_request(notification) | {"unknown": {}})
    assert parse_notification_request(body) == notification


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"notification_id":"n"}',
        b'{"event":"credential_accepted"}',
        b'{"notification_id":5,"event":"credential_accepted"}',
        b'{"notification_id":"n","event":"CREDENTIAL_ACCEPTED"}',
        b'{"notification_id":"n","event":["credential_accepted"]}',
        b'{"notification_id":"n","notification_id":"n","event":"credential_accepted"}',
        b'{"notification_id":"n","event":"credential_failure","event_description":5}',
        b'{"notification_id":"n","event":"credential_failure","event_description":"a\\"b"}',
        b'{"notification_id":"n","event":"credential_failure","event_description":"a\\nb"}',
        '{"notification_id":"n","event":"credential_failure","event_description":"é"}'.encode(),
        b'{"notification_id":"n","event":"credential_failure","event_description":"' + b"x" * 501 + b'"}',
    ],
)
def test_bad_requests(body: bytes) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse_notification_request(body)
    assert refused.value.code == "invalid_notification_request"
