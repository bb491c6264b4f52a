"""VaccinationRecord: the one file that `test_new_type.py` adds."""

import datetime

from vc_core.credential_types.definition import Claim, ClaimKind, CredentialType
from vc_core.credential_types.person import HEALTH_NUMBER, NAME_LATIN

VACCINATION_RECORD = CredentialType(
    name="VaccinationRecord",
    vct="urn:sabai:credential:VaccinationRecord:1",
    number=901,
    labels={"th": "บันทึกวัคซีน", "en": "Vaccination record", "my": "ကာကွယ်ဆေးမှတ်တမ်း", "lo": "ບັນທຶກວັກຊີນ", "km": "កំណត់ត្រាវ៉ាក់សាំង"},
    description="That a patient was vaccinated.",
    color="#444444",
    validity=datetime.timedelta(days=3650),
    claims=(
        HEALTH_NUMBER,
        NAME_LATIN,
        Claim(
            "vaccine",
            {"th": "วัคซีน", "en": "Vaccine", "my": "ကာကွယ်ဆေး", "lo": "ວັກຊີນ", "km": "វ៉ាក់សាំង"},
            qr_key=4,
            choices={
                "measles": {"th": "หัด", "en": "Measles", "my": "ဝက်သက်", "lo": "ໝາກແດງ", "km": "កញ្ជ្រិល"},
                "polio": {"th": "โปลิโอ", "en": "Polio", "my": "ပိုလီယို", "lo": "ໂປລິໂອ", "km": "ប៉ូលីយ៉ូ"},
            },
        ),
        Claim(
            "vaccinated_on",
            {"th": "วันที่ฉีด", "en": "Vaccinated on", "my": "ထိုးသည့်ရက်", "lo": "ວັນທີສັກ", "km": "ថ្ងៃចាក់"},
            kind=ClaimKind.DATE,
            qr_key=5,
        ),
    ),
)
