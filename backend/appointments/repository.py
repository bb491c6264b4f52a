"""The SQL of appointments."""

from __future__ import annotations

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.appointments.models import Appointment, AppointmentStatus


class AppointmentRepository:
    """Reads and writes appointments, in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, appointment: Appointment) -> None:
        """Keeps a new appointment."""
        self._session.add(appointment)
        await self._session.flush()

    async def load(self, appointment_id: str) -> Appointment | None:
        """The appointment of this id."""
        return await self._session.get(Appointment, appointment_id, populate_existing=True)

    async def move(self, appointment_id: str, before: AppointmentStatus, after: AppointmentStatus) -> bool:
        """Takes the appointment from one status to another; False where it was not in the first. Only one can."""
        moved = await self._session.exec(
            update(Appointment)
            .where(col(Appointment.id) == appointment_id, col(Appointment.status) == before)
            .values(status=after)
        )
        return moved.rowcount == 1
