"""HealthId: who the patient is to a hospital, whatever papers they have."""

import datetime

from vc_core.credential_types.definition import Claim, ClaimKind, CredentialType
from vc_core.credential_types.person import BIRTH_YEAR, HEALTH_NUMBER, NAME, NAME_LATIN, NATIONALITY, PORTRAIT

HEALTH_ID = CredentialType(
    name="HealthId",
    vct="urn:sabai:credential:HealthId:1",
    number=1,
    labels={"th": "บัตรสุขภาพ", "en": "Health ID", "my": "ကျန်းမာရေးကတ်", "lo": "ບັດສຸຂະພາບ", "km": "ប័ណ្ណសុខភាព"},
    description="Who a patient is to a hospital, whatever papers they have.",
    color="#0b5d66",
    validity=datetime.timedelta(days=730),
    claims=(
        HEALTH_NUMBER,
        NAME,
        NAME_LATIN,
        BIRTH_YEAR,
        Claim(
            "birth_date",
            {"th": "วันเกิด", "en": "Date of birth", "my": "မွေးသက္ကရာဇ်", "lo": "ວັນເກີດ", "km": "ថ្ងៃកំណើត"},
            kind=ClaimKind.DATE,
        ),
        NATIONALITY,
        Claim(
            "identifier_system",
            {
                "th": "ชนิดเอกสาร",
                "en": "Kind of document",
                "my": "စာရွက်စာတမ်းအမျိုးအစား",
                "lo": "ປະເພດເອກະສານ",
                "km": "ប្រភេទឯកសារ",
            },
        ),
        Claim(
            "identifier_value",
            {"th": "เลขเอกสาร", "en": "Document number", "my": "စာရွက်စာတမ်းနံပါတ်", "lo": "ເລກເອກະສານ", "km": "លេខឯកសារ"},
        ),
        PORTRAIT,
    ),
)
