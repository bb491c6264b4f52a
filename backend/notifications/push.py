"""Push: the message that says that there is a message, and what can come of sending it.

A push passes through others' servers and lights up locked screens, so it holds an opaque id and a template's key and
nothing else; the wallet fetches the message from its inbox. "Sent" only ever means that the push service took it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

from backend.notifications.models import Template

MAX_PAYLOAD_BYTES = 4096


@dataclass(frozen=True)
class Push:
    """A push about the inbox message `id`, which is also how a device knows a push that comes twice."""

    id: str
    template: Template

    def payload(self) -> dict[str, str]:
        """What goes over the wire, exactly. Raises `ValueError` where it is not below `MAX_PAYLOAD_BYTES`."""
        payload = {"id": self.id, "template": str(self.template)}
        if len(json.dumps(payload).encode("utf-8")) >= MAX_PAYLOAD_BYTES:
            raise ValueError("a push payload is over the limit")
        return payload


class PushSender(Protocol):
    """A push service."""

    async def send(self, token: str, push: Push) -> None:
        """Returns when the service took the push for the app instance that `token` names.

        Raises `TokenUnregistered`, `PushRefused` or `PushUnavailable`.
        """

    async def close(self) -> None:
        """Lets go of connections and threads."""


class PushError(Exception):
    """A push was not taken; `code` says why, without the token or anything that was sent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TokenUnregistered(PushError):
    """The service doesn't know the token, and won't again."""


class PushRefused(PushError):
    """The service would refuse the same push again; the token may well be good."""


class PushUnavailable(PushError):
    """The service can't take the push now. `retry_after` is how long it asked to be left alone, in seconds."""

    def __init__(self, code: str, retry_after: int = 0) -> None:
        super().__init__(code)
        self.retry_after = retry_after
