"""What the provider's messages say, in the holder's language.

A message travels as a template's key and its parameters, so its words are the wallet's and never a stranger's. What
doesn't fit its template, and every template not known here, becomes one sentence that says nothing but that there is
something to read. Dates and times are Bangkok's; amounts are baht.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Any

from vc_core.coverage import BANGKOK
from vc_core.credential_types.definition import LANGUAGES
from wallet_sdk.plain_text import plain_text

_HOSPITAL_CODE = re.compile(r"[0-9]{5}(?:[0-9]{4})?\Z")
_BUDDHIST_ERA_OFFSET = 543
_MAX_SATANG = 10**13
_THAI_MONTHS = (
    "มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน",
    "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม",
)  # fmt: skip
_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_NEUTRAL = {
    "th": "คุณมีข้อความใหม่",
    "en": "You have a new message.",
    "my": "သင့်ထံသို့ စာအသစ်တစ်စောင် ရောက်ရှိပါသည်။",
    "lo": "ທ່ານມີຂໍ້ຄວາມໃໝ່",
    "km": "អ្នកមានសារថ្មីមួយ។",
}
_TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "appointment_confirmed": {
        "th": "นัดหมายของคุณที่โรงพยาบาลรหัส {hospital_code} วันที่ {date} เวลา {time} น. ได้รับการยืนยันแล้ว",
        "en": "Your appointment at hospital {hospital_code} on {date} at {time} is confirmed.",
        "my": "ဆေးရုံ {hospital_code} တွင် {date} ရက် {time} နာရီ၌ သင်၏ ချိန်းဆိုမှုကို အတည်ပြုပြီးပါပြီ။",
        "lo": "ການນັດໝາຍຂອງທ່ານທີ່ໂຮງໝໍ {hospital_code} ວັນທີ {date} ເວລາ {time} ໄດ້ຮັບການຢືນຢັນແລ້ວ",
        "km": "ការណាត់ជួបរបស់អ្នកនៅមន្ទីរពេទ្យ {hospital_code} ថ្ងៃទី {date} ម៉ោង {time} ត្រូវបានបញ្ជាក់ហើយ។",
    },
    "device_registered": {
        "th": "มีโทรศัพท์เครื่องหนึ่งลงทะเบียนด้วยบัตรสุขภาพของคุณ หากไม่ใช่คุณ โปรดแจ้งสำนักงานที่ออกบัตร",
        "en": "A phone was registered with your health ID. If it was not yours, tell the office that issued it.",
        "my": "သင်၏ ကျန်းမာရေးကတ်ဖြင့် ဖုန်းတစ်လုံး မှတ်ပုံတင်ခဲ့သည်။ သင့်ဖုန်းမဟုတ်ပါက ကတ်ထုတ်ပေးသောရုံးသို့ ပြောပါ။",
        "lo": "ມີໂທລະສັບເຄື່ອງໜຶ່ງລົງທະບຽນດ້ວຍບັດສຸຂະພາບຂອງທ່ານ ຖ້າບໍ່ແມ່ນຂອງທ່ານ ໃຫ້ແຈ້ງຫ້ອງການທີ່ອອກບັດ",
        "km": "ទូរសព្ទមួយបានចុះឈ្មោះដោយបណ្ណសុខភាពរបស់អ្នក។ បើមិនមែនរបស់អ្នកទេ សូមប្រាប់ការិយាល័យដែលចេញបណ្ណ។",
    },
    "card_shown": {
        "th": "{facility_name} ตรวจบัตรของคุณเมื่อวันที่ {date} เวลา {time} น.",
        "en": "{facility_name} checked your card on {date} at {time}.",
        "my": "{facility_name} က သင့်ကတ်ကို {date} ရက် {time} နာရီတွင် စစ်ဆေးခဲ့သည်။",
        "lo": "{facility_name} ກວດບັດຂອງທ່ານ ວັນທີ {date} ເວລາ {time}",
        "km": "{facility_name} បានពិនិត្យបណ្ណរបស់អ្នក ថ្ងៃទី {date} ម៉ោង {time}។",
    },
    "claim_approved": {
        "th": "คำขอเบิกค่ารักษา {amount} บาท ที่โรงพยาบาลรหัส {hospital_code} วันที่ {date} ได้รับอนุมัติแล้ว",
        "en": "Your claim of {amount} baht for care at hospital {hospital_code} on {date} is approved.",
        "my": "ဆေးရုံ {hospital_code} တွင် {date} ရက်၌ ကုသမှုအတွက် {amount} ဘတ် တောင်းခံမှုကို ခွင့်ပြုပြီးပါပြီ။",
        "lo": "ຄຳຂໍເບີກຄ່າປິ່ນປົວ {amount} ບາດ ທີ່ໂຮງໝໍ {hospital_code} ວັນທີ {date} ໄດ້ຮັບການອະນຸມັດແລ້ວ",
        "km": "សំណើទូទាត់ថ្លៃព្យាបាល {amount} បាត នៅមន្ទីរពេទ្យ {hospital_code} ថ្ងៃទី {date} ត្រូវបានអនុម័តហើយ។",
    },
}


def render_message(template: str, parameters: Mapping[str, Any], language: str) -> str:
    """The message as one sentence in one of `LANGUAGES`; English where `language` is another."""
    chosen = language if language in LANGUAGES else "en"
    sentence, words = _TEMPLATES.get(template), _WORDS.get(template)
    if sentence is None or words is None:
        return _NEUTRAL[chosen]
    try:
        return sentence[chosen].format_map(words(parameters, chosen))
    except (KeyError, TypeError, ValueError, OverflowError):
        return _NEUTRAL[chosen]


def _appointment_words(parameters: Mapping[str, Any], language: str) -> dict[str, str]:
    starts_at = datetime.datetime.fromisoformat(parameters["starts_at"])
    if starts_at.tzinfo is None:
        raise ValueError("a time without its offset")
    starts_at = starts_at.astimezone(BANGKOK)
    return {
        "hospital_code": _hospital_code(parameters["hospital_code"]),
        "date": format_date(starts_at.date(), language),
        "time": starts_at.strftime("%H:%M"),
    }


def _claim_words(parameters: Mapping[str, Any], language: str) -> dict[str, str]:
    return {
        "hospital_code": _hospital_code(parameters["hospital_code"]),
        "date": format_date(datetime.date.fromisoformat(parameters["service_date"]), language),
        "amount": format_baht(_whole_number(parameters["amount_satang"])),
    }


def _sighting_words(parameters: Mapping[str, Any], language: str) -> dict[str, str]:
    checked_at = datetime.datetime.fromtimestamp(_whole_number(parameters["checked_at"]), BANGKOK)
    return {
        "facility_name": plain_text(parameters["facility_name"]),
        "date": format_date(checked_at.date(), language),
        "time": checked_at.strftime("%H:%M"),
    }


_WORDS: Mapping[str, Callable[[Mapping[str, Any], str], dict[str, str]]] = {
    "appointment_confirmed": _appointment_words,
    "claim_approved": _claim_words,
    "card_shown": _sighting_words,
    "device_registered": lambda _parameters, _language: {},
}


def format_date(date: datetime.date, language: str) -> str:
    """A date as people write it: in Thai by the Buddhist era, in figures where month names are less used."""
    match language:
        case "th":
            return f"{date.day} {_THAI_MONTHS[date.month - 1]} {date.year + _BUDDHIST_ERA_OFFSET}"
        case "en":
            return f"{date.day} {_ENGLISH_MONTHS[date.month - 1]} {date.year}"
        case _:
            return f"{date.day:02}/{date.month:02}/{date.year}"


def format_time(seconds: int) -> str:
    """A time (seconds since 1970) in Bangkok, as `YYYY-MM-DD HH:MM`."""
    return datetime.datetime.fromtimestamp(seconds, BANGKOK).strftime("%Y-%m-%d %H:%M")


def format_baht(satang: int) -> str:
    """An amount in satang (hundredths of a baht) as baht, with two decimals."""
    return f"{satang // 100:,}.{satang % 100:02}"


def _whole_number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _MAX_SATANG:
        raise ValueError("not a whole number in range")
    return value


def _hospital_code(value: Any) -> str:
    if not isinstance(value, str) or not _HOSPITAL_CODE.match(value):
        raise ValueError("not a hospital code")
    return value
