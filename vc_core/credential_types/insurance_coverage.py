"""InsuranceCoverage: which scheme pays, where, and from when until when."""

import datetime

from vc_core.credential_types.definition import Claim, ClaimKind, CredentialType
from vc_core.credential_types.person import BIRTH_YEAR, HEALTH_NUMBER, NAME, NAME_LATIN

HOSPITAL_CLAIMS = ("regular_hospital", "primary_hospital", "referral_hospital")
"""The claims that hold the codes (5 or 9 digits, as text) of the hospitals where the holder is covered."""

INSURANCE_COVERAGE = CredentialType(
    name="InsuranceCoverage",
    vct="urn:sabai:credential:InsuranceCoverage:1",
    number=2,
    labels={
        "th": "สิทธิการรักษา",
        "en": "Insurance coverage",
        "my": "ကျန်းမာရေးအာမခံ",
        "lo": "ສິດການປິ່ນປົວ",
        "km": "ការធានារ៉ាប់រង",
    },
    description="Which scheme pays for a patient, at which hospitals, and from when until when.",
    color="#6a3d9a",
    validity=datetime.timedelta(days=366),
    last_day="covered_until",
    claims=(
        HEALTH_NUMBER,
        NAME,
        NAME_LATIN,
        BIRTH_YEAR,
        Claim(
            "scheme",
            {"th": "สิทธิ", "en": "Scheme", "my": "အစီအစဉ်", "lo": "ສິດ", "km": "គម្រោង"},
            disclosable=False,
            qr_key=5,
        ),
        Claim(
            "regular_hospital",
            {"th": "หน่วยบริการประจำ", "en": "Regular hospital", "my": "ပုံမှန်ဆေးရုံ", "lo": "ໂຮງໝໍປະຈຳ", "km": "មន្ទីរពេទ្យប្រចាំ"},
            disclosable=False,
            qr_key=6,
        ),
        Claim(
            "primary_hospital",
            {
                "th": "หน่วยบริการปฐมภูมิ",
                "en": "Primary care unit",
                "my": "အခြေခံဆေးရုံ",
                "lo": "ໜ່ວຍບໍລິການປະຖົມ",
                "km": "មន្ទីរពេទ្យបឋម",
            },
            disclosable=False,
            qr_key=7,
        ),
        Claim(
            "referral_hospital",
            {
                "th": "หน่วยบริการส่งต่อ",
                "en": "Referral hospital",
                "my": "လွှဲပြောင်းဆေးရုံ",
                "lo": "ໂຮງໝໍສົ່ງຕໍ່",
                "km": "មន្ទីរពេទ្យបញ្ជូន",
            },
            disclosable=False,
            qr_key=8,
        ),
        Claim(
            "covered_from",
            {"th": "เริ่มสิทธิ", "en": "Covered from", "my": "စတင်ရက်", "lo": "ເລີ່ມສິດ", "km": "ចាប់ពី"},
            kind=ClaimKind.DATE,
            disclosable=False,
            qr_key=9,
        ),
        Claim(
            "covered_until",
            {"th": "หมดสิทธิ", "en": "Covered until", "my": "ကုန်ဆုံးရက်", "lo": "ໝົດສິດ", "km": "រហូតដល់"},
            kind=ClaimKind.DATE,
            disclosable=False,
            qr_key=10,
        ),
        Claim(
            "copay_baht",
            {
                "th": "ร่วมจ่ายครั้งละ (บาท)",
                "en": "Copay per visit (baht)",
                "my": "တစ်ကြိမ် ပူးတွဲပေးငွေ (ဘတ်)",
                "lo": "ຮ່ວມຈ່າຍຄັ້ງລະ (ບາດ)",
                "km": "បង់រួមក្នុងមួយលើក (បាត)",
            },
            kind=ClaimKind.INTEGER,
            required=False,
            qr_key=11,
        ),
    ),
)
