"""MigrantWorkerCard: that a patient from abroad may work in Thailand, until when, and for whom.

Passport and work permit are what an insurer asks a migrant for. Who employs the patient, and under which number, is
for the insurer and never in the QR code: a desk needs to know that the permit holds, not whose worker this is.
"""

import datetime

from vc_core.credential_types.definition import Claim, ClaimKind, CredentialType
from vc_core.credential_types.person import BIRTH_YEAR, HEALTH_NUMBER, NAME, NAME_LATIN, NATIONALITY

MIGRANT_WORKER_CARD = CredentialType(
    name="MigrantWorkerCard",
    vct="urn:sabai:credential:MigrantWorkerCard:1",
    number=3,
    labels={
        "th": "บัตรแรงงานข้ามชาติ",
        "en": "Migrant worker card",
        "my": "ရွှေ့ပြောင်းလုပ်သားကတ်",
        "lo": "ບັດແຮງງານເຄື່ອນຍ້າຍ",
        "km": "ប័ណ្ណពលករចំណាកស្រុក",
    },
    description="That a patient from abroad may work in Thailand, and until when.",
    color="#8a4b12",
    validity=datetime.timedelta(days=731),
    last_day="work_permit_until",
    claims=(
        HEALTH_NUMBER,
        NAME,
        NAME_LATIN,
        BIRTH_YEAR,
        NATIONALITY,
        Claim(
            "work_permit",
            {
                "th": "เลขใบอนุญาตทำงาน",
                "en": "Work permit number",
                "my": "အလုပ်လုပ်ခွင့်ပါမစ်နံပါတ်",
                "lo": "ເລກໃບອະນຸຍາດເຮັດວຽກ",
                "km": "លេខប័ណ្ណការងារ",
            },
            pattern="[A-Z0-9-]{5,20}",
        ),
        Claim(
            "work_permit_until",
            {
                "th": "ใบอนุญาตทำงานหมดอายุ",
                "en": "Work permit until",
                "my": "ပါမစ်ကုန်ဆုံးရက်",
                "lo": "ໃບອະນຸຍາດເຮັດວຽກໝົດອາຍຸ",
                "km": "ប័ណ្ណការងាររហូតដល់",
            },
            kind=ClaimKind.DATE,
            disclosable=False,
            qr_key=5,
        ),
        Claim(
            "employer",
            {"th": "นายจ้าง", "en": "Employer", "my": "အလုပ်ရှင်", "lo": "ນາຍຈ້າງ", "km": "និយោជក"},
            required=False,
        ),
    ),
)
