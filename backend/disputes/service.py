"""Disputes: what a patient says wasn't them, for the hospital and the payer to look into.

A message in the patient's own inbox is what they dispute, so that nobody can dispute, or ask after, what is another's.
A device that the patient says is not theirs is logged out at once; whoever holds the health ID's key can register
another, so the patient is told to have the card itself replaced.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from backend.devices.repository import DeviceRepository
from backend.disputes.models import Dispute, Disputed
from backend.disputes.repository import DisputeRepository
from backend.disputes.schemas import DisputeRequest, ListedDispute, ListedDisputes, RecordedDispute
from backend.notifications.models import InboxMessage, Template
from backend.notifications.repository import NotificationRepository
from vc_core.clock import Clock
from vc_core.errors import Conflict, InvalidRequest, NotFound
from vc_core.web.database import Database

PAGE_SIZE = 100
_DISPUTABLE = {
    Template.CARD_SHOWN: (Disputed.SIGHTING, "sighting_id"),
    Template.CLAIM_APPROVED: (Disputed.CLAIM, "claim_id"),
    Template.DEVICE_REGISTERED: (Disputed.DEVICE, "device_id"),
}
"""What each template is about, and the parameter that names it."""


class DisputeService:
    """What patients, hospitals and the payer do with disputes."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def dispute(self, request: DisputeRequest, health_id: str) -> RecordedDispute:
        """Records, once, that this was not the patient.

        Raises `NotFound` where the message is not theirs, `Conflict` where it tells of nothing that can be disputed.
        """
        async with self._database.transaction() as session:
            message = await NotificationRepository(session).load_message(request.message_id, health_id)
            if message is None:
                raise NotFound("There is no such message.")
            kind, subject_id = _subject(message)
            dispute = await DisputeRepository(session).add(
                Dispute(health_id=health_id, kind=kind, subject_id=subject_id, created_at=self._clock())
            )
            if kind is Disputed.DEVICE:
                await DeviceRepository(session).delete(subject_id)
        return RecordedDispute(dispute_id=dispute.id, created_at=dispute.created_at)

    async def read(self, kinds: Collection[Disputed], *, before: str | None) -> ListedDisputes:
        """The disputes of these kinds, the newest first, at most `PAGE_SIZE`; from those older than `before` on.

        Raises `InvalidRequest` where there is no such dispute to go on from.
        """
        async with self._database.transaction() as session:
            repository = DisputeRepository(session)
            last = None if before is None else await repository.load(before)
            if before is not None and last is None:
                raise InvalidRequest("There is no such dispute to go on from.")
            found = await repository.load_newest(kinds, before=last, limit=PAGE_SIZE)
        return ListedDisputes(
            disputes=[
                ListedDispute(
                    dispute_id=each.id,
                    kind=Disputed(each.kind),
                    subject_id=each.subject_id,
                    health_id=each.health_id,
                    created_at=each.created_at,
                )
                for each in found
            ]
        )


def _subject(message: InboxMessage) -> tuple[Disputed, str]:
    kind, parameter = _DISPUTABLE.get(Template(message.template), (None, ""))
    subject_id = json.loads(message.parameters).get(parameter)
    if kind is None or subject_id is None:
        raise Conflict("This message tells of nothing that can be disputed.")
    return kind, str(subject_id)
