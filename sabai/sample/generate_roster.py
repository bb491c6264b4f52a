"""Writes `roster.csv`, the sample of 50 invented people; see README.md beside it. The same file every time.

The lists below are names that are common in each country, each with its Latin form; the numbers are counted up.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

CITIZEN_ID = "https://terms.sil-th.org/id/th-cid"
PASSPORT = "http://hl7.org/fhir/sid/passport-"
HOSPITAL_A, HOSPITAL_B, HOSPITAL_C, HOSPITAL_D = "10661", "11472", "10999", "11888"
COLUMNS = (
    "person_ref",
    "name",
    "name_latin",
    "birth_date",
    "nationality",
    "identifier_system",
    "identifier_value",
    "scheme",
    "regular_hospital",
    "primary_hospital",
    "referral_hospital",
    "covered_from",
    "covered_until",
    "work_permit",
    "work_permit_until",
    "employer",
    "copay_baht",
)
PERIOD = ("2026-01-01", "2027-12-31")
ENDED = ("2024-01-01", "2025-12-31")
NOT_BEGUN = ("2027-07-01", "2029-06-30")

LEGAL_SCHEMES = ("8401", "8402")
"""Schemes of people who came to work with papers: they have a work permit."""
COPAY = {"UCS": "30", "8401": "30", "8402": "30", "8405": "0", "SSS": "0"}
"""What a visit costs the person, in baht. Of the other schemes the office does not know it."""
EMPLOYERS = ("Sample Cold Storage Co., Ltd.", "Sample Garment Factory", "Sample Rubber Estate")

Name = tuple[str, str]

THAI: list[Name] = [
    ("สมชาย ใจดี", "Somchai Jaidee"),
    ("สมหญิง รักไทย", "Somying Rakthai"),
    ("วิชัย ทองสุข", "Wichai Thongsuk"),
    ("มาลี ศรีสวัสดิ์", "Malee Srisawat"),
    ("ประเสริฐ แก้วมณี", "Prasert Kaewmanee"),
    ("นงลักษณ์ บุญมา", "Nonglak Boonma"),
    ("อนุชา พรหมดี", "Anucha Promdee"),
    ("กัลยา สุขใส", "Kanlaya Suksai"),
    ("ธีรพงษ์ จันทร์เพ็ญ", "Theeraphong Chanphen"),
    ("ปราณี วงศ์ทอง", "Pranee Wongthong"),
    ("สุรชัย อินทร์แก้ว", "Surachai Inkaew"),
    ("วันเพ็ญ ดวงดี", "Wanphen Duangdee"),
    ("ณัฐพล มั่นคง", "Nattaphon Mankhong"),
    ("รัตนา ชื่นใจ", "Rattana Chuenjai"),
    ("เกรียงไกร ยิ้มแย้ม", "Kriangkrai Yimyaem"),
    ("อรุณี แสงทอง", "Arunee Saengthong"),
    ("ชัยวัฒน์ เพชรดี", "Chaiwat Phetdee"),
    ("พิมพ์ใจ นาคสุข", "Phimjai Naksuk"),
]
BURMESE: list[Name] = [
    ("စန္ဒာလှိုင်", "Sandar Hlaing"),
    ("မောင်မောင်", "Maung Maung"),
    ("အောင်ကျော်", "Aung Kyaw"),
    ("သီတာဝင်း", "Thida Win"),
    ("ကျော်ဇင်", "Kyaw Zin"),
    ("နီလာအေး", "Nilar Aye"),
    ("ဇော်မင်း", "Zaw Min"),
    ("ခင်မြင့်", "Khin Myint"),
    ("ထွန်းလင်း", "Tun Lin"),
    ("မာလာဝင်း", "Mar Lar Win"),
    ("ဝင်းနိုင်", "Win Naing"),
    ("အေးအေးမူ", "Aye Aye Mu"),
    ("မိုးကျော်", "Moe Kyaw"),
    ("ဆုမြတ်", "Su Myat"),
]
LAO: list[Name] = [
    ("ສົມສັກ ວົງສາ", "Somsack Vongsa"),
    ("ບຸນມີ ແກ້ວມະນີ", "Bounmy Keomany"),
    ("ຄຳພອນ ສີສຸກ", "Khamphone Sisouk"),
    ("ມະນີວັນ ພົມມາ", "Manivanh Phomma"),
    ("ສຸກສະຫວັນ ໄຊຍະ", "Souksavanh Saiya"),
    ("ທອງໃສ ຈັນທະ", "Thongsai Chantha"),
    ("ດາລາ ບຸນທັນ", "Dala Bounthan"),
    ("ພອນໄຊ ອິນທະ", "Phonxay Intha"),
]
KHMER: list[Name] = [
    ("សុខ ចាន់", "Sok Chan"),
    ("ចាន់ ធីតា", "Chan Thida"),
    ("លី សុភា", "Ly Sophea"),
    ("ហេង រតនា", "Heng Ratana"),
    ("ម៉ៅ សុវណ្ណ", "Mao Sovann"),
    ("កែវ ស្រីមុំ", "Keo Sreymom"),
    ("ពៅ វិចិត្រ", "Pov Vichet"),
    ("នួន បុប្ផា", "Nuon Bopha"),
]
LATIN: list[Name] = [
    ("Naw Paw Say", "Naw Paw Say"),
    ("Saw Htoo Eh", "Saw Htoo Eh"),
]


@dataclass(frozen=True)
class Group:
    """People alike: where their numbers come from, and the schemes and periods that they take in turn."""

    names: list[Name]
    nationality: str
    system: str
    schemes: tuple[str, ...]
    periods: tuple[tuple[str, str], ...]
    first_digit: str = ""


GROUPS = (
    Group(BURMESE[:8], "MMR", CITIZEN_ID, ("8401", "8405", "8402", "8407"), (PERIOD,) * 5 + (ENDED,), "0"),
    Group(THAI, "THA", CITIZEN_ID, ("UCS", "SSS", "UCS", "OFC"), (PERIOD,) * 7 + (NOT_BEGUN, ENDED), "1"),
    Group(LAO[:4], "LAO", CITIZEN_ID, ("8402", "8401"), (PERIOD,), "0"),
    Group(KHMER[:4], "KHM", CITIZEN_ID, ("8405", "8401"), (PERIOD,) * 3 + (NOT_BEGUN,), "0"),
    Group(LATIN, "MMR", CITIZEN_ID, ("8405", "8407"), (PERIOD,), "0"),
    Group(BURMESE[8:], "MMR", PASSPORT + "MMR", ("8401", "8402"), (PERIOD,), "MA"),
    Group(LAO[4:], "LAO", PASSPORT + "LAO", ("8402", "8401"), (PERIOD,), "PA"),
    Group(KHMER[4:], "KHM", PASSPORT + "KHM", ("8401", "8402"), (PERIOD,), "N"),
)
HOSPITALS = (
    (HOSPITAL_A, HOSPITAL_A, HOSPITAL_B),
    (HOSPITAL_C, HOSPITAL_A, HOSPITAL_B),
    (HOSPITAL_B, HOSPITAL_B, HOSPITAL_D),
)
"""Taken in turn: two of three people are covered at hospital A."""


def check_digit(digits: str) -> str:
    """The thirteenth digit that goes with these twelve (modulo 11)."""
    weighted = sum(int(digit) * weight for digit, weight in zip(digits, range(13, 1, -1), strict=True))
    return str((11 - weighted % 11) % 10)


def identifier(group: Group, number: int) -> str:
    """A citizen number whose check digit fits, or a passport number."""
    if group.system == CITIZEN_ID:
        digits = f"{group.first_digit}{9_900_0000_000 + number * 7919:011}"
        return digits + check_digit(digits)
    return f"{group.first_digit}{100_000 + number * 137}"


def work(scheme: str, number: int) -> tuple[str, str, str]:
    """A work permit, its last day and the employer, or three empty fields."""
    if scheme not in LEGAL_SCHEMES:
        return "", "", ""
    return f"{9_900_0000_0000 + number * 6_151:013}", "2027-03-31", EMPLOYERS[number % len(EMPLOYERS)]


def people() -> Iterator[tuple[str, ...]]:
    """The rows of the file, in its columns' order."""
    numbers = count(1)
    for group in GROUPS:
        for place, (name, name_latin) in enumerate(group.names):
            number = next(numbers)
            scheme = group.schemes[place % len(group.schemes)]
            born = datetime.date(1950, 1, 15) + datetime.timedelta(days=(16_121 + (number - 1) * 4_373) % 20_000)
            yield (
                f"S-{number:04}",
                name,
                name_latin,
                born.isoformat(),
                group.nationality,
                group.system,
                identifier(group, number),
                scheme,
                *HOSPITALS[(number - 1) % len(HOSPITALS)],
                *group.periods[place % len(group.periods)],
                *work(scheme, number),
                COPAY.get(scheme, ""),
            )


def main() -> None:
    """Writes the file beside this one."""
    with (Path(__file__).parent / "roster.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(people())


if __name__ == "__main__":
    main()
