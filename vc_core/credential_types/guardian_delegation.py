"""GuardianDelegation: that the holder may act for another person at a hospital, such as a child without a phone.

As in every type, the claims about the person are those of the holder, who stands at the desk: here the guardian. The
claims that begin with `dependant_` are of the person whom the guardian brings. Four names are too much for a
QR code that a cheap camera reads, so the guardian's own name is in there in Latin letters only.
"""

import datetime
from dataclasses import replace

from vc_core.credential_types.definition import Claim, ClaimKind, CredentialType
from vc_core.credential_types.person import BIRTH_YEAR, HEALTH_NUMBER, NAME, NAME_LATIN

_RELATIONSHIPS = {
    "parent": {"th": "บิดาหรือมารดา", "en": "Parent", "my": "မိဘ", "lo": "ພໍ່ຫຼືແມ່", "km": "ឪពុកឬម្តាយ"},
    "grandparent": {
        "th": "ปู่ย่าตายาย",
        "en": "Grandparent",
        "my": "အဘိုးအဘွား",
        "lo": "ປູ່ຍ່າຕາຍາຍ",
        "km": "ជីដូនជីតា",
    },
    "spouse": {"th": "คู่สมรส", "en": "Husband or wife", "my": "ဇနီးခင်ပွန်း", "lo": "ຜົວຫຼືເມຍ", "km": "ប្តីឬប្រពន្ធ"},
    "child": {"th": "บุตร", "en": "Son or daughter", "my": "သားသမီး", "lo": "ລູກ", "km": "កូន"},
    "relative": {"th": "ญาติ", "en": "Other relative", "my": "ဆွေမျိုး", "lo": "ຍາດພີ່ນ້ອງ", "km": "សាច់ញាតិ"},
    "legal_guardian": {
        "th": "ผู้ปกครองตามกฎหมาย",
        "en": "Legal guardian",
        "my": "တရားဝင်အုပ်ထိန်းသူ",
        "lo": "ຜູ້ປົກຄອງຕາມກົດໝາຍ",
        "km": "អាណាព្យាបាលស្របច្បាប់",
    },
}
_PERMISSIONS = {
    "accompany": {
        "th": "พามารับบริการ",
        "en": "Accompany and register",
        "my": "ခေါ်ဆောင်၍ စာရင်းသွင်းရန်",
        "lo": "ພາມາຮັບບໍລິການ",
        "km": "នាំមកទទួលសេវា",
    },
    "consent": {
        "th": "พามารับบริการและยินยอมการรักษา",
        "en": "Accompany, and consent to treatment",
        "my": "ခေါ်ဆောင်ရန်နှင့် ကုသမှုကို သဘောတူရန်",
        "lo": "ພາມາຮັບບໍລິການ ແລະ ຍິນຍອມການປິ່ນປົວ",
        "km": "នាំមកទទួលសេវា និងយល់ព្រមការព្យាបាល",
    },
}

GUARDIAN_DELEGATION = CredentialType(
    name="GuardianDelegation",
    vct="urn:sabai:credential:GuardianDelegation:1",
    number=6,
    labels={
        "th": "หนังสือมอบอำนาจผู้ดูแล",
        "en": "Guardian delegation",
        "my": "အုပ်ထိန်းသူလွှဲအပ်ချက်",
        "lo": "ໃບມອບອຳນາດຜູ້ປົກຄອງ",
        "km": "លិខិតប្រគល់សិទ្ធិអាណាព្យាបាល",
    },
    description="That the holder may act for another person at a hospital, and how far.",
    color="#8c2f5a",
    validity=datetime.timedelta(days=366),
    last_day="delegated_until",
    claims=(
        HEALTH_NUMBER,
        replace(NAME, qr_key=None),
        NAME_LATIN,
        BIRTH_YEAR,
        Claim(
            "dependant_health_id",
            {
                "th": "เลขสุขภาพของผู้อยู่ในความดูแล",
                "en": "Dependant's health number",
                "my": "မှီခိုသူ၏ ကျန်းမာရေးနံပါတ်",
                "lo": "ເລກສຸຂະພາບຂອງຜູ້ຢູ່ໃນຄວາມດູແລ",
                "km": "លេខសុខភាពអ្នកក្នុងបន្ទុក",
            },
            disclosable=False,
            qr_key=5,
        ),
        Claim(
            "dependant_name",
            {
                "th": "ชื่อผู้อยู่ในความดูแล",
                "en": "Dependant's name",
                "my": "မှီခိုသူ၏ အမည်",
                "lo": "ຊື່ຜູ້ຢູ່ໃນຄວາມດູແລ",
                "km": "ឈ្មោះអ្នកក្នុងបន្ទុក",
            },
            qr_key=6,
        ),
        Claim(
            "dependant_birth_date",
            {
                "th": "วันเกิดผู้อยู่ในความดูแล",
                "en": "Dependant's date of birth",
                "my": "မှီခိုသူ၏ မွေးသက္ကရာဇ်",
                "lo": "ວັນເກີດຜູ້ຢູ່ໃນຄວາມດູແລ",
                "km": "ថ្ងៃកំណើតអ្នកក្នុងបន្ទុក",
            },
            kind=ClaimKind.DATE,
            qr_key=7,
        ),
        Claim(
            "relationship",
            {"th": "ความสัมพันธ์", "en": "Relationship", "my": "ဆက်နွယ်မှု", "lo": "ຄວາມສຳພັນ", "km": "ទំនាក់ទំនង"},
            disclosable=False,
            qr_key=8,
            choices=_RELATIONSHIPS,
        ),
        Claim(
            "permission",
            {
                "th": "อำนาจที่ได้รับ",
                "en": "Permitted to",
                "my": "ခွင့်ပြုချက်",
                "lo": "ສິດທີ່ໄດ້ຮັບ",
                "km": "សិទ្ធិដែលបានប្រគល់",
            },
            disclosable=False,
            qr_key=9,
            choices=_PERMISSIONS,
        ),
        Claim(
            "delegated_until",
            {
                "th": "มอบอำนาจถึง",
                "en": "Delegated until",
                "my": "လွှဲအပ်မှု ကုန်ဆုံးရက်",
                "lo": "ມອບອຳນາດເຖິງ",
                "km": "ប្រគល់សិទ្ធិដល់",
            },
            kind=ClaimKind.DATE,
            disclosable=False,
            qr_key=10,
        ),
    ),
)
