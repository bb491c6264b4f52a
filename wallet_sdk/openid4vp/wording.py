"""The sentences around a consent, in the five languages; what strangers wrote goes into them as plain text only."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from vc_core.credential_types.definition import LANGUAGES
from vc_core.protocols.openid4vp.transaction_data import CONSENT, VISIT, TransactionData
from vc_core.verifier_trust import Verifier
from wallet_sdk.messages import format_date
from wallet_sdk.plain_text import plain_text

Words = Mapping[str, str]

ASKS: Words = {
    "th": "{name} ขอดูข้อมูลของคุณ",
    "en": "{name} asks to see:",
    "my": "{name} က ကြည့်ရှုခွင့်တောင်းသည်-",
    "lo": "{name} ຂໍເບິ່ງ:",
    "km": "{name} ស្នើសុំមើល៖",
}
NOT_VERIFIED: Words = {
    "th": "ไม่มีผู้ใดยืนยันว่าใครเป็นผู้ขอ คำตอบจะถูกส่งไปที่ {host}",
    "en": "Who asks is not verified: nobody vouches for them. The answer would go to {host}.",
    "my": "တောင်းဆိုသူကို မည်သူမျှ အတည်မပြုထားပါ။ အဖြေကို {host} သို့ ပို့မည်။",
    "lo": "ບໍ່ມີໃຜຢືນຢັນວ່າຜູ້ຂໍແມ່ນໃຜ. ຄຳຕອບຈະຖືກສົ່ງໄປທີ່ {host}",
    "km": "គ្មាននរណាបញ្ជាក់ថាអ្នកស្នើសុំជានរណាទេ។ ចម្លើយនឹងត្រូវផ្ញើទៅ {host}។",
}
SEEN_ANYWAY: Words = {
    "th": "ไม่ได้ขอ แต่ปิดไม่ได้",
    "en": "not asked for, but it can't be withheld",
    "my": "မတောင်းသော်လည်း ဖုံးကွယ်၍မရပါ",
    "lo": "ບໍ່ໄດ້ຂໍ ແຕ່ປິດບັງບໍ່ໄດ້",
    "km": "មិនបានស្នើសុំ ប៉ុន្តែមិនអាចលាក់បាន",
}
NOT_PERMITTED: Words = {
    "th": "ผู้ขอไม่ได้รับอนุญาตให้ขอข้อมูลนี้",
    "en": "they are not allowed to ask for this",
    "my": "ဤအချက်အလက်ကို တောင်းခွင့်မရှိပါ",
    "lo": "ຜູ້ຂໍບໍ່ໄດ້ຮັບອະນຸຍາດໃຫ້ຂໍຂໍ້ມູນນີ້",
    "km": "ពួកគេមិនមានសិទ្ធិស្នើសុំព័ត៌មាននេះទេ",
}
ASKS_TOO_MUCH: Words = {
    "th": "คำเตือน: ผู้ขอขอข้อมูลมากกว่าที่ได้รับอนุญาต",
    "en": "Warning: this is more than they are allowed to ask for.",
    "my": "သတိပေးချက်- ခွင့်ပြုထားသည်ထက် ပိုတောင်းနေသည်။",
    "lo": "ຄຳເຕືອນ: ຜູ້ຂໍຂໍຂໍ້ມູນຫຼາຍກວ່າທີ່ໄດ້ຮັບອະນຸຍາດ",
    "km": "ព្រមាន៖ នេះលើសពីអ្វីដែលពួកគេត្រូវបានអនុញ្ញាតឱ្យស្នើសុំ។",
}
WITHHELD: Words = {
    "th": "ไม่แสดง: {claims}",
    "en": "Not shown: {claims}",
    "my": "မပြသပါ- {claims}",
    "lo": "ບໍ່ສະແດງ: {claims}",
    "km": "មិនបង្ហាញ៖ {claims}",
}
LAST_COPIES: Words = {
    "th": "เหลือสำเนาที่ยังไม่เคยใช้อีก {count} ฉบับ โปรดขอเพิ่มจากผู้ออกบัตร",
    "en": "Copies left that nobody has seen: {count}. Fetch more from the issuer.",
    "my": "မသုံးရသေးသော မိတ္တူ {count} ခုသာ ကျန်သည်။ ထုတ်ပေးသူထံမှ ထပ်ယူပါ။",
    "lo": "ເຫຼືອສຳເນົາທີ່ຍັງບໍ່ເຄີຍໃຊ້ {count} ສະບັບ ກະລຸນາຂໍເພີ່ມຈາກຜູ້ອອກ",
    "km": "ច្បាប់ចម្លងដែលមិនទាន់ប្រើនៅសល់៖ {count}។ សូមសុំបន្ថែមពីអ្នកចេញ។",
}
_TRANSACTIONS: Mapping[str, Words] = {
    CONSENT: {
        "th": "คุณยินยอมให้ {recipient} ใช้ข้อมูลนี้จนถึง {valid_until} เพื่อ: {purpose}",
        "en": "You agree that {recipient} uses this until {valid_until} for: {purpose}",
        "my": "{recipient} က {valid_until} အထိ ဤအချက်အလက်ကို သုံးရန် သင်သဘောတူသည်- {purpose}",
        "lo": "ທ່ານຍິນຍອມໃຫ້ {recipient} ໃຊ້ຂໍ້ມູນນີ້ຈົນເຖິງ {valid_until} ເພື່ອ: {purpose}",
        "km": "អ្នកយល់ព្រមឱ្យ {recipient} ប្រើព័ត៌មាននេះរហូតដល់ {valid_until} សម្រាប់៖ {purpose}",
    },
    VISIT: {
        "th": "คุณยืนยันการรับบริการเลขที่ {visit_id} ที่โรงพยาบาลรหัส {hospital} วันที่ {visit_date}: {service}",
        "en": "You confirm the visit {visit_id} at hospital {hospital} on {visit_date}: {service}",
        "my": "ဆေးရုံ {hospital} တွင် {visit_date} ရက် ဆေးကုသမှု {visit_id} ကို သင်အတည်ပြုသည်- {service}",
        "lo": "ທ່ານຢືນຢັນການຮັບບໍລິການ {visit_id} ທີ່ໂຮງໝໍລະຫັດ {hospital} ວັນທີ {visit_date}: {service}",
        "km": "អ្នកបញ្ជាក់ការមកពិនិត្យ {visit_id} នៅមន្ទីរពេទ្យ {hospital} ថ្ងៃទី {visit_date}៖ {service}",
    },
}
_DATES = frozenset({"valid_until", "visit_date"})


def sentence(words: Words, language: str, **parameters: object) -> str:
    """The sentence in one of `LANGUAGES`, English where it is another, with the parameters made inert."""
    chosen = language if language in LANGUAGES else "en"
    return words[chosen].format_map({name: plain_text(value, limit=400) for name, value in parameters.items()})


def who_asks(verifier: Verifier, response_host: str, language: str) -> str:
    """The sentence that says who asks; no name where none is verified."""
    if verifier.name is None:
        return sentence(NOT_VERIFIED, language, host=response_host)
    return sentence(ASKS, language, name=verifier.name)


def transaction_words(transaction: TransactionData, language: str) -> str:
    """What the holder agrees to beside showing, in plain words."""
    members = {
        name: format_date(datetime.date.fromisoformat(value), language) if name in _DATES else value
        for name, value in transaction.members.items()
    }
    return sentence(_TRANSACTIONS[transaction.type], language, **members)
