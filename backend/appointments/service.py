"""Appointments: a confirmed one is told to the patient."""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.appointments.models import Appointment, AppointmentStatus
from backend.appointments.repository import AppointmentRepository
from backend.appointments.schemas import AppointmentRequest, AppointmentState, RequestedAppointment
from backend.idempotency.service import Idempotency
from backend.notifications.models import Template
from backend.notifications.service import announce
from vc_core.clock import Clock
from vc_core.errors import Conflict, NotFound
from vc_core.web.database import Database


class AppointmentService:
    """What hospitals do with appointments. `wake` is called when there are pushes to send."""

    def __init__(self, *, database: Database, idempotency: Idempotency, wake: Callable[[], None], clock: Clock) -> None:
        self._database = database
        self._idempotency = idempotency
        self._wake = wake
        self._clock = clock

    async def request(self, request: AppointmentRequest, *, key: str | None) -> RequestedAppointment:
        """Keeps a new appointment, for a known patient or not. Raises `Conflict` as `Idempotency.run_once` does."""

        async def create(session: AsyncSession) -> RequestedAppointment:
            appointment = Appointment(**request.model_dump(), created_at=self._clock())
            await AppointmentRepository(session).add(appointment)
            return RequestedAppointment(appointment_id=appointment.id, status=AppointmentStatus.REQUESTED)

        return await self._idempotency.run_once("appointments", key, request, create, RequestedAppointment)

    async def confirm(self, appointment_id: str) -> AppointmentState:
        """Confirms a requested appointment and tells the patient. Raises `NotFound`, or `Conflict` if it was not."""
        async with self._database.transaction() as session:
            repository = AppointmentRepository(session)
            moved = await repository.move(appointment_id, AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED)
            appointment = await repository.load(appointment_id)
            if appointment is None:
                raise NotFound("There is no such appointment.")
            if not moved:
                raise Conflict("Only a requested appointment can be confirmed.")
            parameters = {"hospital_code": appointment.hospital_code, "starts_at": appointment.starts_at}
            await announce(
                session, appointment.health_id, Template.APPOINTMENT_CONFIRMED, parameters, now=self._clock()
            )
        self._wake()
        return AppointmentState(status=AppointmentStatus.CONFIRMED)
