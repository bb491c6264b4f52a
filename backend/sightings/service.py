"""Sightings: each is told to the patient, who may say that it wasn't them (`backend.disputes`)."""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.idempotency.service import Idempotency
from backend.notifications.models import Template
from backend.notifications.service import announce
from backend.sightings.models import Sighting
from backend.sightings.repository import SightingRepository
from backend.sightings.schemas import ReportedSighting, SightingReport
from vc_core.clock import Clock
from vc_core.trust import TrustSource


class SightingService:
    """What hospitals do with sightings. `wake` is called when there are pushes to send."""

    def __init__(self, *, trust: TrustSource, idempotency: Idempotency, wake: Callable[[], None], clock: Clock) -> None:
        self._trust = trust
        self._idempotency = idempotency
        self._wake = wake
        self._clock = clock

    async def report(self, report: SightingReport, *, key: str | None) -> ReportedSighting:
        """Keeps a sighting and tells the patient, known or not, by the hospital's name in the registry.

        Raises `Conflict` as `Idempotency.run_once` does.
        """

        async def create(session: AsyncSession) -> ReportedSighting:
            sighting = Sighting(**report.model_dump())
            await SightingRepository(session).add(sighting)
            parameters: dict[str, str | int] = {
                "sighting_id": sighting.id,
                "facility_name": self._trust.name(sighting.facility_did),
                "method": sighting.method,
                "checked_at": sighting.checked_at,
            }
            await announce(session, sighting.health_id, Template.CARD_SHOWN, parameters, now=self._clock())
            return ReportedSighting(sighting_id=sighting.id)

        reported = await self._idempotency.run_once("sightings", key, report, create, ReportedSighting)
        self._wake()
        return reported
