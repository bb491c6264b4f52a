"""All the backend's tables in one metadata, for Alembic and for the mirrored registry."""

from __future__ import annotations

from backend.appointments.models import Appointment
from backend.backups.models import Backup
from backend.claims.models import Claim
from backend.devices.models import Device, DeviceChallengeSecret, SeenPresentation, UsedDeviceChallenge
from backend.disputes.models import Dispute
from backend.idempotency.models import IdempotentAnswer
from backend.models import BackendTable
from backend.notifications.models import Inbox, InboxMessage, OutboxEntry
from backend.sightings.models import Sighting
from vc_core.web.registry import registry_tables

TABLES = (
    Appointment,
    Backup,
    Claim,
    Device,
    DeviceChallengeSecret,
    Dispute,
    IdempotentAnswer,
    Inbox,
    InboxMessage,
    OutboxEntry,
    SeenPresentation,
    Sighting,
    UsedDeviceChallenge,
)
METADATA = BackendTable.metadata
REGISTRY_TABLES = registry_tables(METADATA)
