"""VisitReceipt: the patient's own proof of a visit: which hospital, when, what kind, and what was paid.

It is for a fund or an employer that pays a patient back, and against visits that never were: it says nothing of what
the patient has. It is too much for a QR code and no desk's business, so there is no QR pass of it.
"""

import datetime
from dataclasses import replace

from vc_core.credential_types.definition import Claim, ClaimKind, CredentialType
from vc_core.credential_types.hospital import HOSPITAL
from vc_core.credential_types.person import HEALTH_NUMBER, NAME, NAME_LATIN

_BAHT = r"(0|[1-9][0-9]{0,8})\.[0-9]{2}"
_KINDS = {
    "outpatient": {"th": "ผู้ป่วยนอก", "en": "Outpatient", "my": "ပြင်ပလူနာ", "lo": "ຄົນເຈັບນອກ", "km": "អ្នកជំងឺក្រៅ"},
    "inpatient": {
        "th": "ผู้ป่วยใน",
        "en": "Inpatient",
        "my": "အတွင်းလူနာ",
        "lo": "ຄົນເຈັບໃນ",
        "km": "អ្នកជំងឺសម្រាកពេទ្យ",
    },
    "emergency": {"th": "ฉุกเฉิน", "en": "Emergency", "my": "အရေးပေါ်", "lo": "ສຸກເສີນ", "km": "សង្គ្រោះបន្ទាន់"},
    "dialysis": {
        "th": "ฟอกไต",
        "en": "Dialysis",
        "my": "ကျောက်ကပ်ဆေးခြင်း",
        "lo": "ຟອກໄຂ່ຫຼັງ",
        "km": "លាងតម្រងនោម",
    },
}

VISIT_RECEIPT = CredentialType(
    name="VisitReceipt",
    vct="urn:sabai:credential:VisitReceipt:1",
    number=5,
    labels={
        "th": "หลักฐานการเข้ารับบริการ",
        "en": "Visit receipt",
        "my": "ဆေးရုံပြသမှုပြေစာ",
        "lo": "ໃບຢັ້ງຢືນການຮັບບໍລິການ",
        "km": "បង្កាន់ដៃទទួលសេវា",
    },
    description="A patient's own proof of a visit to a hospital and of what was paid for it.",
    color="#3d6b2c",
    validity=datetime.timedelta(days=731),
    qr_pass=False,
    claims=(
        HEALTH_NUMBER,
        NAME,
        NAME_LATIN,
        replace(HOSPITAL, qr_key=None),
        Claim(
            "visit_date",
            {
                "th": "วันที่รับบริการ",
                "en": "Date of visit",
                "my": "ပြသသည့်ရက်",
                "lo": "ວັນທີຮັບບໍລິການ",
                "km": "ថ្ងៃទទួលសេវា",
            },
            kind=ClaimKind.DATE,
            disclosable=False,
        ),
        Claim(
            "visit_number",
            {
                "th": "เลขที่รับบริการ (VN)",
                "en": "Visit number (VN)",
                "my": "ပြသမှုနံပါတ် (VN)",
                "lo": "ເລກທີຮັບບໍລິການ (VN)",
                "km": "លេខទទួលសេវា (VN)",
            },
            pattern="[A-Za-z0-9/-]{1,32}",
        ),
        Claim(
            "visit_kind",
            {
                "th": "ประเภทบริการ",
                "en": "Kind of visit",
                "my": "ဝန်ဆောင်မှုအမျိုးအစား",
                "lo": "ປະເພດບໍລິການ",
                "km": "ប្រភេទសេវា",
            },
            choices=_KINDS,
        ),
        Claim(
            "total_amount",
            {
                "th": "ค่าบริการทั้งหมด (บาท)",
                "en": "Total (baht)",
                "my": "စုစုပေါင်း (ဘတ်)",
                "lo": "ຄ່າບໍລິການທັງໝົດ (ບາດ)",
                "km": "ថ្លៃសេវាសរុប (បាត)",
            },
            pattern=_BAHT,
        ),
        Claim(
            "paid_amount",
            {
                "th": "ผู้ป่วยจ่าย (บาท)",
                "en": "Paid by the patient (baht)",
                "my": "လူနာပေးချေငွေ (ဘတ်)",
                "lo": "ຄົນເຈັບຈ່າຍ (ບາດ)",
                "km": "អ្នកជំងឺបង់ (បាត)",
            },
            pattern=_BAHT,
        ),
        Claim(
            "claim_code",
            {
                "th": "รหัสยืนยันการเข้ารับบริการ",
                "en": "Claim code",
                "my": "တောင်းခံမှုကုဒ်",
                "lo": "ລະຫັດຢືນຢັນບໍລິການ",
                "km": "លេខកូដទាមទារ",
            },
            required=False,
            pattern="[A-Z0-9]{4,32}",
        ),
    ),
)
