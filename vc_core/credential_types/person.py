"""Claims about the person that several credential types share."""

from vc_core.credential_types.definition import Claim, ClaimKind

HEALTH_NUMBER = Claim(
    "health_id",
    {"th": "เลขสุขภาพ", "en": "Health number", "my": "ကျန်းမာရေးနံပါတ်", "lo": "ເລກສຸຂະພາບ", "km": "លេខសុខភាព"},
    disclosable=False,
    qr_key=1,
)
NAME = Claim(
    "name",
    {"th": "ชื่อ", "en": "Name", "my": "အမည်", "lo": "ຊື່", "km": "ឈ្មោះ"},
    qr_key=2,
)
NAME_LATIN = Claim(
    "name_latin",
    {"th": "ชื่อ (อักษรโรมัน)", "en": "Name (Latin)", "my": "အမည် (လက်တင်)", "lo": "ຊື່ (ລາຕິນ)", "km": "ឈ្មោះ (ឡាតាំង)"},
    qr_key=3,
)
BIRTH_YEAR = Claim(
    "birth_year",
    {"th": "ปีเกิด", "en": "Year of birth", "my": "မွေးဖွားနှစ်", "lo": "ປີເກີດ", "km": "ឆ្នាំកំណើត"},
    kind=ClaimKind.INTEGER,
    qr_key=4,
)
PORTRAIT = Claim(
    "portrait",
    {"th": "รูปถ่าย", "en": "Photo", "my": "ဓာတ်ပုံ", "lo": "ຮູບຖ່າຍ", "km": "រូបថត"},
    kind=ClaimKind.IMAGE,
    required=False,
    only_withheld=True,
)
NATIONALITY = Claim(
    "nationality",
    {"th": "สัญชาติ", "en": "Nationality", "my": "နိုင်ငံသား", "lo": "ສັນຊາດ", "km": "សញ្ជាតិ"},
    required=False,
)
