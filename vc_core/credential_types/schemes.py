"""The coverage schemes of Thailand that Sabai issues, from the code systems `cs-th-coverage-type` and
`cs-thcc-coverage-type` of the Thai terminology (CC0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TH_COVERAGE_TYPE = "cs-th-coverage-type"
THCC_COVERAGE_TYPE = "cs-thcc-coverage-type"


@dataclass(frozen=True)
class Scheme:
    """A scheme: its code, the code system that has it, whether it pays (`insured`), and its name by language."""

    code: str
    system: str
    insured: bool
    labels: Mapping[str, str]


SCHEMES: Mapping[str, Scheme] = {
    scheme.code: scheme
    for scheme in (
        Scheme(
            "UCS",
            TH_COVERAGE_TYPE,
            True,
            {
                "th": "หลักประกันสุขภาพแห่งชาติ (บัตรทอง)",
                "en": "Universal Coverage Scheme",
                "my": "အများပြည်သူ ကျန်းမာရေးအာမခံ",
                "lo": "ຫຼັກປະກັນສຸຂະພາບຖ້ວນໜ້າ",
                "km": "គម្រោងធានារ៉ាប់រងសកល",
            },
        ),
        Scheme(
            "SSS",
            TH_COVERAGE_TYPE,
            True,
            {
                "th": "ประกันสังคม",
                "en": "Social Security Scheme",
                "my": "လူမှုဖူလုံရေး",
                "lo": "ປະກັນສັງຄົມ",
                "km": "របបសន្តិសុខសង្គម",
            },
        ),
        Scheme(
            "OFC",
            TH_COVERAGE_TYPE,
            True,
            {
                "th": "สวัสดิการข้าราชการ",
                "en": "Civil servant benefit",
                "my": "ဝန်ထမ်းအကျိုးခံစားခွင့်",
                "lo": "ສະຫວັດດີການລັດຖະກອນ",
                "km": "អត្ថប្រយោជន៍មន្ត្រីរាជការ",
            },
        ),
        Scheme(
            "8401",
            THCC_COVERAGE_TYPE,
            True,
            {
                "th": "แรงงานข้ามชาติเข้าเมืองถูกกฎหมาย ประกันสุขภาพ สธ.",
                "en": "Migrant worker, health ministry insurance",
                "my": "ရွှေ့ပြောင်းလုပ်သား ကျန်းမာရေးဝန်ကြီးဌာန အာမခံ",
                "lo": "ແຮງງານຕ່າງດ້າວ ປະກັນກະຊວງສາທາ",
                "km": "ពលករចំណាកស្រុក ធានារ៉ាប់រងក្រសួងសុខាភិបាល",
            },
        ),
        Scheme(
            "8402",
            THCC_COVERAGE_TYPE,
            True,
            {
                "th": "แรงงานข้ามชาติเข้าเมืองถูกกฎหมาย ประกันสังคม",
                "en": "Migrant worker, social security",
                "my": "ရွှေ့ပြောင်းလုပ်သား လူမှုဖူလုံရေး",
                "lo": "ແຮງງານຕ່າງດ້າວ ປະກັນສັງຄົມ",
                "km": "ពលករចំណាកស្រុក សន្តិសុខសង្គម",
            },
        ),
        Scheme(
            "8405",
            THCC_COVERAGE_TYPE,
            True,
            {
                "th": "ผู้ไม่มีเอกสารเข้าเมือง ประกันสุขภาพ สธ.",
                "en": "Without entry papers, health ministry insurance",
                "my": "ဝင်ရောက်ခွင့်စာရွက်မရှိ ကျန်းမာရေးဝန်ကြီးဌာန အာမခံ",
                "lo": "ບໍ່ມີເອກະສານເຂົ້າເມືອງ ປະກັນກະຊວງສາທາ",
                "km": "គ្មានឯកសារចូល ធានារ៉ាប់រងក្រសួងសុខាភិបាល",
            },
        ),
        Scheme(
            "8407",
            THCC_COVERAGE_TYPE,
            False,
            {
                "th": "ไม่มีหลักประกันและไม่สามารถจ่ายได้",
                "en": "Not insured, unable to pay",
                "my": "အာမခံမရှိ မပေးချေနိုင်",
                "lo": "ບໍ່ມີປະກັນ ບໍ່ສາມາດຈ່າຍ",
                "km": "គ្មានធានារ៉ាប់រង មិនអាចបង់ប្រាក់",
            },
        ),
    )
}
