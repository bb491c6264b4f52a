"""Appointments as they go over the wire."""

from __future__ import annotations

from pydantic import BaseModel

from backend.appointments.models import AppointmentStatus
from backend.schemas import HealthNumber, HospitalCode, Moment, WireModel


class AppointmentRequest(WireModel):
    """An appointment that a hospital asks for."""

    health_id: HealthNumber
    hospital_code: HospitalCode
    starts_at: Moment


class RequestedAppointment(BaseModel):
    """The appointment as asked for; the answer says nothing of whether the patient is known."""

    appointment_id: str
    status: AppointmentStatus


class AppointmentState(BaseModel):
    """Where the appointment stands."""

    status: AppointmentStatus
