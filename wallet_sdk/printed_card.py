"""A card on paper for somebody without a phone: its code, and a page to print it from.

The page is HTML with nothing but text and one picture in it: an A4 sheet with the two sides of a card of the size of a
bank card (ISO/IEC 7810 ID-1), to be cut out and folded. What strangers wrote goes into it as plain text only.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from vc_core.coverage import BANGKOK
from vc_core.credential_types.definition import CredentialType
from vc_core.encoding import base64url_decode
from vc_core.errors import InvalidRequest
from vc_core.formats.credential import CredentialFormat
from vc_core.formats.printed_card import SALT_LENGTH, create_printed_card, is_pin, latest_expiry
from wallet_sdk.content import HeldCredential
from wallet_sdk.labels import type_label
from wallet_sdk.messages import format_date
from wallet_sdk.openid4vp.wording import Words, sentence
from wallet_sdk.plain_text import plain_text
from wallet_sdk.qr import create_svg
from wallet_sdk.wallet import Wallet

PRINTED: Words = {
    "th": "บัตรพิมพ์",
    "en": "Printed card",
    "my": "ပုံနှိပ်ကတ်",
    "lo": "ບັດພິມ",
    "km": "ប័ណ្ណបោះពុម្ព",
}
VALID_UNTIL: Words = {
    "th": "ใช้ได้ถึง {date}",
    "en": "Valid until {date}",
    "my": "{date} အထိ",
    "lo": "ໃຊ້ໄດ້ເຖິງ {date}",
    "km": "ប្រើបានដល់ {date}",
}
FOR_WHAT: Words = {
    "th": "แสดงบัตรนี้ที่โรงพยาบาล เจ้าหน้าที่จะสแกนและถามรหัส PIN 6 หลักของคุณ",
    "en": "Show this card at a hospital. The desk scans it and asks for your PIN of six digits.",
    "my": "ဤကတ်ကို ဆေးရုံတွင် ပြပါ။ ဝန်ထမ်းက စကင်ဖတ်ပြီး ဂဏန်း ၆ လုံး PIN ကို မေးပါမည်။",
    "lo": "ສະແດງບັດນີ້ທີ່ໂຮງໝໍ ພະນັກງານຈະສະແກນ ແລະ ຖາມລະຫັດ PIN 6 ຕົວເລກ",
    "km": "បង្ហាញប័ណ្ណនេះនៅមន្ទីរពេទ្យ។ បុគ្គលិកនឹងស្កេន ហើយសួរលេខ PIN ៦ ខ្ទង់។",
}
KEEP_SAFE: Words = {
    "th": "อย่าเขียนรหัส PIN บนบัตร อย่าให้ใครถ่ายรูปหรือทำสำเนา",
    "en": "Don't write the PIN on it. Let nobody photograph or copy it.",
    "my": "PIN ကို ကတ်ပေါ်တွင် မရေးပါနှင့်။ ဓာတ်ပုံရိုက်ခြင်း၊ မိတ္တူကူးခြင်း မပြုစေပါနှင့်။",
    "lo": "ຢ່າຂຽນລະຫັດ PIN ໃສ່ບັດ ຢ່າໃຫ້ໃຜຖ່າຍຮູບ ຫຼື ສຳເນົາ",
    "km": "កុំសរសេរលេខ PIN លើប័ណ្ណ។ កុំឱ្យនរណាថតរូប ឬថតចម្លង។",
}
WHEN_LOST: Words = {
    "th": "บัตรหาย: แจ้ง {issuer} ทันที เพื่อยกเลิกบัตร",
    "en": "Lost? Tell {issuer} at once: they cancel it.",
    "my": "ပျောက်ပါက {issuer} ကို ချက်ချင်း ပြောပါ။ ကတ်ကို ပယ်ဖျက်ပေးမည်။",
    "lo": "ບັດເສຍ: ແຈ້ງ {issuer} ທັນທີ ເພື່ອຍົກເລີກບັດ",
    "km": "បាត់ប័ណ្ណ៖ ប្រាប់ {issuer} ភ្លាម ដើម្បីលុបចោល។",
}
CUT_AND_FOLD: Words = {
    "th": "ตัดตามเส้นประ แล้วพับตรงกลาง",
    "en": "Cut along the dashed line, then fold in the middle.",
    "my": "အစက်မျဉ်းအတိုင်း ဖြတ်ပြီး အလယ်မှ ခေါက်ပါ။",
    "lo": "ຕັດຕາມເສັ້ນຂີດ ແລ້ວພັບເຄິ່ງກາງ",
    "km": "កាត់តាមបន្ទាត់ដាច់ៗ រួចបត់ពាក់កណ្តាល។",
}

_STYLE = """
@page { size: A4; margin: 15mm }
body { font: 10pt/1.35 sans-serif; color: #000; margin: 0 }
.card { display: flex; width: 171.2mm; border: 1px dashed #666 }
section { box-sizing: border-box; width: 85.6mm; height: 54mm; padding: 3mm; overflow: hidden }
section + section { border-left: 1px dotted #999; font-size: 8.5pt }
.front { display: flex; gap: 1mm; font-size: 7pt }
.front div { flex: 1; min-width: 0 }
.front svg { flex: none; width: 48mm; height: 48mm; margin-right: -2.5mm }
h1 { font-size: 8.5pt; margin: 0 0 1mm }
p { margin: 0 0 1.2mm }
.name { font-weight: bold; font-size: 9pt; overflow-wrap: anywhere }
:lang(my) section, :lang(km) section { line-height: 1.5 }
"""


@dataclass(frozen=True)
class NewCard:
    """A card that was just made: of which credential, its code's text, and until when it is good (since 1970)."""

    held: HeldCredential
    text: str
    expires_at: int


def make_card(
    wallet: Wallet, credential_type: CredentialType, *, pin: str, now: int, randomness: Callable[[int], bytes]
) -> NewCard:
    """A printed card of the newest QR pass of that type, good for half a year or as long as the pass.

    The PIN is six digits. The copy that goes on paper is marked as used, so that the phone shows another as long as it
    has one. Raises `NoSuchCredential`, `WalletBusy`, `OSError`; `InvalidRequest` where the PIN is not six digits.
    """
    if not is_pin(pin):
        raise InvalidRequest("The PIN of a printed card is six digits.")
    held = wallet.newest(credential_type.vct, CredentialFormat.QR_PASS, now=now)
    copy = wallet.use_copy(held.id, now=now)
    qr_pass = base64url_decode(copy.credential)
    ends = latest_expiry(qr_pass, printed_at=now)
    text = create_printed_card(
        qr_pass, holder=copy.signer(), printed_at=now, expires_at=ends, pin=pin, salt=randomness(SALT_LENGTH)
    )
    return NewCard(held, text, ends)


def create_card_page(card: NewCard, language: str) -> str:
    """The page to print, in one of `LANGUAGES`, as HTML."""
    held, claims = card.held, card.held.claims
    last_day = datetime.datetime.fromtimestamp(card.expires_at - 1, BANGKOK).date()

    def said(words: Words, **parameters: object) -> str:
        return escape(sentence(words, language, **parameters))

    names = [plain_text(claims[name]) for name in ("name", "name_latin") if name in claims]
    picture = create_svg(card.text)
    return f"""<!doctype html>
<html lang="{escape(language)}">
<meta charset="utf-8">
<title>{said(PRINTED)}</title>
<style>{_STYLE}</style>
<main class="card">
<section class="front">
<div>
<h1>{escape(type_label(held, language))}</h1>
{"".join(f'<p class="name">{escape(name)}</p>' for name in names)}
<p>{said(VALID_UNTIL, date=format_date(last_day, language))}</p>
<p>{escape(plain_text(held.issuer_name))}</p>
<p>{said(PRINTED)}</p>
</div>
{picture[picture.index("<svg") :]}
</section>
<section>
<p>{said(FOR_WHAT)}</p>
<p>{said(KEEP_SAFE)}</p>
<p>{said(WHEN_LOST, issuer=held.issuer_name)}</p>
</section>
</main>
<p>{said(CUT_AND_FOLD)}</p>
</html>
"""
