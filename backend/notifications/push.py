"""Push: the message that says that there is a message, and what can come of sending it.

A push passes through others' servers and lights up locked screens, so it holds an opaque id and a template's key and
nothing else; the wallet fetches the message from its inbox. "Sent" only ever means that the push service took it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Protocol, TypeVar

from backend.devices.push_address import FcmToken, PushAddress, WebPushSubscription
from backend.notifications.models import Template

MAX_PAYLOAD_BYTES = 4096
QUOTA_SECONDS = 60
"""How long to wait after a 429 that doesn't say."""
_Address = TypeVar("_Address", contravariant=True)


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


class PushSender(Protocol[_Address]):
    """A push service, for addresses of its kind."""

    async def send(self, address: _Address, push: Push) -> None:
        """Returns when the service took the push for whom the address names.

        Raises `AddressUnregistered`, `PushRefused` or `PushUnavailable`.
        """

    async def close(self) -> None:
        """Lets go of connections and threads."""


class PushError(Exception):
    """A push was not taken; `code` says why, without the address or anything that was sent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AddressUnregistered(PushError):
    """The service doesn't know the address, and won't again."""


class PushRefused(PushError):
    """The service would refuse the same push again; the address may well be good."""


class PushUnavailable(PushError):
    """The service can't take the push now. `retry_after` is how long it asked to be left alone, in seconds."""

    def __init__(self, code: str, retry_after: int = 0) -> None:
        super().__init__(code)
        self.retry_after = retry_after


class PushServices:
    """Sends each push through the service that its address is of; None is a service that this backend doesn't use."""

    def __init__(self, *, fcm: PushSender[FcmToken] | None, web_push: PushSender[WebPushSubscription] | None) -> None:
        self._fcm = fcm
        self._web_push = web_push

    async def send(self, address: PushAddress, push: Push) -> None:
        """See `PushSender`; an address of a service that is not used is refused."""
        if isinstance(address, FcmToken) and self._fcm is not None:
            await self._fcm.send(address, push)
        elif isinstance(address, WebPushSubscription) and self._web_push is not None:
            await self._web_push.send(address, push)
        else:
            raise PushRefused("service_not_used")

    async def close(self) -> None:
        """See `PushSender`."""
        for each in (self._fcm, self._web_push):
            if each is not None:
                await each.close()


def parse_retry_after(header: str, now: int) -> int:
    """`Retry-After` in seconds, from either of its forms (RFC 9110 section 10.2.3); 0 where there is none."""
    if header.isdecimal():
        return int(header[:10])
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return 0
    return max(0, int(at.replace(tzinfo=at.tzinfo or UTC).timestamp()) - now)
