"""The SQL of inbox and outbox."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.devices.models import Device
from backend.devices.push_address import PushAddress, load_push_address
from backend.notifications.models import InboxMessage, OutboxEntry, OutboxState, Template

# One statement, so that two writers can't take the same number: the second waits for the first one's commit.
_COUNT = text(
    "INSERT INTO inbox (health_id, last_number) VALUES (:health_id, :step) "
    "ON CONFLICT (health_id) DO UPDATE SET last_number = inbox.last_number + :step RETURNING last_number"
)
_ON_THEIR_WAY = (OutboxState.QUEUED, OutboxState.LEASED)


@dataclass(frozen=True)
class Lease:
    """One outbox entry that is ours to send until the lease ends; `address` is None where the device has none."""

    entry_id: str
    attempt: int
    health_id: str
    message_id: str
    template: Template
    device_id: str
    address: PushAddress | None
    expires_at: int


class NotificationRepository:
    """Reads and writes messages and pushes, in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock_inbox(self, health_id: str) -> None:
        """Makes messages to this patient, and registrations of their devices, wait for this transaction's end."""
        await self._count(health_id, step=0)

    async def add_message(
        self, health_id: str, template: Template, parameters: Mapping[str, str | int], *, now: int
    ) -> InboxMessage:
        """Puts a message into the patient's inbox and returns it; locks the inbox as `lock_inbox` does."""
        message = InboxMessage(
            health_id=health_id,
            number=await self._count(health_id, step=1),
            template=template,
            parameters=json.dumps(parameters),
            created_at=now,
        )
        self._session.add(message)
        await self._session.flush()
        return message

    async def _count(self, health_id: str, *, step: int) -> int:
        connection = await self._session.connection()
        result = await connection.execute(_COUNT, {"health_id": health_id, "step": step})
        return int(result.scalar_one())

    async def add_pushes(self, message: InboxMessage, *, now: int, expires_at: int, but: str | None = None) -> None:
        """Queues one push about the message for each device of the patient's that can be reached, but for `but`."""
        reachable = select(Device.id).where(
            Device.health_id == message.health_id, col(Device.push_address).is_not(None), col(Device.id) != (but or "")
        )
        for device_id in await self._session.exec(reachable):
            self._session.add(
                OutboxEntry(
                    message_id=message.id,
                    template=message.template,
                    device_id=device_id,
                    due_at=now,
                    expires_at=expires_at,
                )
            )

    async def load_message(self, message_id: str, health_id: str) -> InboxMessage | None:
        """The message of this id, if it is this patient's."""
        found = select(InboxMessage).where(InboxMessage.id == message_id, InboxMessage.health_id == health_id)
        return (await self._session.exec(found)).one_or_none()

    async def load_messages(self, health_id: str, *, after: int, limit: int) -> list[InboxMessage]:
        """The patient's messages with numbers over `after`, the oldest first."""
        found = (
            select(InboxMessage)
            .where(InboxMessage.health_id == health_id, InboxMessage.number > after)
            .order_by(col(InboxMessage.number))
            .limit(limit)
        )
        return list(await self._session.exec(found))

    async def count_messages(self, health_id: str, template: Template, *, since: int) -> int:
        """How many messages of this template the patient got since then."""
        count = select(func.count()).select_from(InboxMessage)
        found = count.where(
            InboxMessage.health_id == health_id, InboxMessage.template == template, InboxMessage.created_at > since
        )
        return (await self._session.exec(found)).one()

    async def mark_opened(self, message_id: str, health_id: str, *, now: int) -> None:
        """Notes that the message was opened, the first time."""
        await self._session.exec(
            update(InboxMessage)
            .where(
                col(InboxMessage.id) == message_id,
                col(InboxMessage.health_id) == health_id,
                col(InboxMessage.opened_at).is_(None),
            )
            .values(opened_at=now)
        )

    async def lease(self, *, now: int, seconds: int, but_of: Collection[str] = ()) -> Lease | None:
        """Takes the entry that has been due longest, and is not of these patients, for so long; None where none is due.

        Whoever else found the same entry updates no row, and looks for the next.
        """
        due = (col(OutboxEntry.state).in_(_ON_THEIR_WAY), col(OutboxEntry.due_at) <= now)
        while True:
            found = select(OutboxEntry.id).join(InboxMessage, col(InboxMessage.id) == col(OutboxEntry.message_id))
            others = found.where(*due, col(InboxMessage.health_id).not_in(list(but_of)))
            oldest = others.order_by(col(OutboxEntry.due_at)).limit(1)
            entry_id = (await self._session.exec(oldest)).one_or_none()
            if entry_id is None:
                return None
            taken = await self._session.exec(
                update(OutboxEntry)
                .where(col(OutboxEntry.id) == entry_id, *due)
                .values(state=OutboxState.LEASED, due_at=now + seconds, attempts=OutboxEntry.attempts + 1)
                .execution_options(synchronize_session=False)
            )
            if taken.rowcount == 1:
                return await self._load_lease(entry_id)

    async def _load_lease(self, entry_id: str) -> Lease:
        found = (
            select(OutboxEntry, InboxMessage.health_id, Device.push_address, Device.web_push_keys)
            .join(InboxMessage, col(InboxMessage.id) == col(OutboxEntry.message_id))
            .join(Device, col(Device.id) == col(OutboxEntry.device_id), isouter=True)
            .where(OutboxEntry.id == entry_id)
        )
        entry, health_id, push_address, web_push_keys = (await self._session.exec(found)).one()
        return Lease(
            entry_id=entry.id,
            attempt=entry.attempts,
            health_id=health_id,
            message_id=entry.message_id,
            template=Template(entry.template),
            device_id=entry.device_id,
            address=load_push_address(push_address, web_push_keys),
            expires_at=entry.expires_at,
        )

    async def settle(self, lease: Lease, state: OutboxState, *, due_at: int | None = None, error: str | None) -> bool:
        """Ends the lease with what came of it; False where it had passed to somebody else, and nothing was changed.

        `due_at` is the time of the next attempt, for `OutboxState.QUEUED`.
        """
        values: dict[str, str | int | None] = {"state": state, "error": error}
        if due_at is not None:
            values["due_at"] = due_at
        settled = await self._session.exec(
            update(OutboxEntry)
            .where(
                col(OutboxEntry.id) == lease.entry_id,
                col(OutboxEntry.state) == OutboxState.LEASED,
                col(OutboxEntry.attempts) == lease.attempt,
            )
            .values(values)
        )
        return settled.rowcount == 1

    async def drop_address(self, device_id: str, address: PushAddress) -> None:
        """Forgets an address that its push service no longer knows, unless the device has a new one."""
        push_address, _ = address.to_columns()
        await self._session.exec(
            update(Device)
            .where(col(Device.id) == device_id, col(Device.push_address) == push_address)
            .values(push_address=None, web_push_keys=None)
        )
