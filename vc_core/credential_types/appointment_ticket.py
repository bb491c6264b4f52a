"""AppointmentTicket: that a hospital expects a patient, on which day and at what time.

It has no status: it ends with its day, grants nothing, and the hospital's own book says whether the appointment still
stands. The department can tell what a patient has, so it can be withheld and is not in the QR code.
"""

import datetime

from vc_core.credential_types.definition import Claim, ClaimKind, CredentialType, StatusPolicy
from vc_core.credential_types.hospital import HOSPITAL
from vc_core.credential_types.person import BIRTH_YEAR, HEALTH_NUMBER, NAME, NAME_LATIN

APPOINTMENT_TICKET = CredentialType(
    name="AppointmentTicket",
    vct="urn:sabai:credential:AppointmentTicket:1",
    number=4,
    labels={
        "th": "ใบนัด",
        "en": "Appointment ticket",
        "my": "ချိန်းဆိုမှုလက်မှတ်",
        "lo": "ໃບນັດ",
        "km": "ប័ណ្ណណាត់ជួប",
    },
    description="That a hospital expects a patient on a day, at a time.",
    color="#1f5a96",
    validity=datetime.timedelta(days=190),
    last_day="appointment_date",
    status_policy=StatusPolicy.NONE,
    claims=(
        HEALTH_NUMBER,
        NAME,
        NAME_LATIN,
        BIRTH_YEAR,
        HOSPITAL,
        Claim(
            "department",
            {"th": "แผนก", "en": "Department", "my": "ဌာန", "lo": "ພະແນກ", "km": "ផ្នែក"},
            required=False,
        ),
        Claim(
            "appointment_date",
            {
                "th": "วันนัด",
                "en": "Date of appointment",
                "my": "ချိန်းဆိုရက်",
                "lo": "ວັນນັດ",
                "km": "ថ្ងៃណាត់ជួប",
            },
            kind=ClaimKind.DATE,
            disclosable=False,
            qr_key=6,
        ),
        Claim(
            "appointment_time",
            {
                "th": "เวลานัด",
                "en": "Time of appointment",
                "my": "ချိန်းဆိုချိန်",
                "lo": "ເວລານັດ",
                "km": "ម៉ោងណាត់ជួប",
            },
            disclosable=False,
            qr_key=7,
            pattern="([01][0-9]|2[0-3]):[0-5][0-9]",
        ),
        Claim(
            "appointment_ref",
            {
                "th": "เลขที่นัด",
                "en": "Appointment number",
                "my": "ချိန်းဆိုမှုနံပါတ်",
                "lo": "ເລກທີນັດ",
                "km": "លេខណាត់ជួប",
            },
            qr_key=8,
            pattern="[A-Za-z0-9-]{1,32}",
        ),
    ),
)
