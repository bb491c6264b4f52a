"""Messages to patients: written with the event that they are about, read by the patient's devices."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.notifications.models import InboxMessage, Template
from backend.notifications.outbox import KEEP_TRYING_SECONDS
from backend.notifications.repository import NotificationRepository
from backend.notifications.schemas import Message
from vc_core.clock import Clock
from vc_core.errors import InvalidRequest, NotFound
from vc_core.web.database import Database

PAGE_SIZE = 100


async def announce(
    session: AsyncSession,
    health_id: str,
    template: Template,
    parameters: Mapping[str, str | int],
    *,
    now: int,
    but: str | None = None,
) -> None:
    """Writes a message to the patient, and what their devices are owed, in the transaction of the event.

    The device `but` is owed nothing: it made the event. For a patient without a device the message waits in the inbox.
    Wake the `Dispatcher` after the commit.
    """
    repository = NotificationRepository(session)
    message = await repository.add_message(health_id, template, parameters, now=now)
    await repository.add_pushes(message, now=now, expires_at=now + KEEP_TRYING_SECONDS, but=but)


class InboxService:
    """What patients read."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def read_messages(self, health_id: str, *, after: str | None) -> list[Message]:
        """The patient's messages, the oldest first, at most `PAGE_SIZE`; from the one after the message `after` on.

        Raises `InvalidRequest` where `after` is none of theirs.
        """
        async with self._database.transaction() as session:
            repository = NotificationRepository(session)
            number = 0
            if after is not None:
                last = await repository.load_message(after, health_id)
                if last is None:
                    raise InvalidRequest("There is no such message to go on from.")
                number = last.number
            return [_message(each) for each in await repository.load_messages(health_id, after=number, limit=PAGE_SIZE)]

    async def open_message(self, message_id: str, health_id: str) -> Message:
        """One message, from now on opened. Raises `NotFound` for one that is not this patient's."""
        async with self._database.transaction() as session:
            repository = NotificationRepository(session)
            await repository.mark_opened(message_id, health_id, now=self._clock())
            message = await repository.load_message(message_id, health_id)
        if message is None:
            raise NotFound("There is no such message.")
        return _message(message)


def _message(message: InboxMessage) -> Message:
    return Message(
        id=message.id,
        template=Template(message.template),
        parameters=json.loads(message.parameters),
        created_at=message.created_at,
        opened_at=message.opened_at,
    )
