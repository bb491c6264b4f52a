"""Reading roster files: what is refused, by line and reason, and what goes in."""

from __future__ import annotations

import csv
import datetime
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.roster.faults import FaultCode
from issuer.roster.identifiers import CITIZEN_ID, PASSPORT, check_digit
from issuer.roster.roster_file import COLUMNS, MAX_ROWS, WORK_COLUMNS, RosterFile, parse_roster
from vc_core.errors import InvalidRequest

TODAY = datetime.date(2026, 9, 21)
GOOD = {
    "person_ref": "P-1",
    "name": "မောင်မောင်",
    "name_latin": "Maung Maung",
    "birth_date": "1992-03-04",
    "nationality": "MMR",
    "identifier_system": CITIZEN_ID,
    "identifier_value": "001234567890" + check_digit("001234567890"),
    "scheme": "8401",
    "regular_hospital": "10661",
    "primary_hospital": "106610001",
    "referral_hospital": "11472",
    "covered_from": "2026-01-01",
    "covered_until": "2027-12-31",
}


def parse(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> RosterFile:
    """Rows, written as CSV and read again."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return parse_roster(text.getvalue().encode("utf-8"), today=TODAY)


def reasons(roster: RosterFile) -> dict[int, str]:
    """What is wrong, by line."""
    return {note.line: note.reason for note in roster.problems}


def test_a_good_row_goes_in_whatever_the_order_of_columns() -> None:
    roster = parse(GOOD, columns=tuple(reversed(COLUMNS)))
    assert roster.problems == roster.warnings == ()
    assert vars(roster.entries[2]) == GOOD | dict.fromkeys([*WORK_COLUMNS, "copay_baht", "phone"])


def test_a_byte_order_mark_line_breaks_and_blank_lines_do_not_matter() -> None:
    header, row = ",".join(COLUMNS), ",".join(GOOD.values())
    for line_break in ("\n", "\r\n", "\r"):
        content = "\ufeff" + line_break.join([header, "", row, "  ", ""])
        roster = parse_roster(content.encode("utf-8"), today=TODAY)
        assert list(roster.entries) == [3]
        assert roster.problems == ()


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("person_ref", "", "person_ref is missing"),
        ("person_ref", "x" * 65, "person_ref has more than 64 characters"),
        ("name", "", "name is missing"),
        ("name", "...", "name has no letters"),
        ("name", "x" * 101, "name has more than 100 characters"),
        ("name", "x" * 201, "a field has more than 200 characters"),
        ("name", "Maung\u202egnuaM", "name has control characters, or ones that change the direction of writing"),
        ("name", "Maung\tMaung", "name has control characters, or ones that change the direction of writing"),
        ("name", "Maung\x00", "name has control characters, or ones that change the direction of writing"),
        ("name", "Maung\u2066x", "name has control characters, or ones that change the direction of writing"),
        ("name_latin", "မောင်မောင်", "name_latin has characters other than Latin letters"),
        ("name_latin", "M\u0430ung", "name_latin has characters other than Latin letters"),
        ("name_latin", "R2D2", "name_latin has characters other than Latin letters"),
        ("birth_date", "1992-3-4", "birth_date is not a date as YYYY-MM-DD"),
        ("birth_date", "19920304", "birth_date is not a date as YYYY-MM-DD"),
        ("birth_date", "inf", "birth_date is not a date as YYYY-MM-DD"),
        ("birth_date", "1992-02-30", "birth_date is not a date as YYYY-MM-DD"),
        ("birth_date", "1899-12-31", "birth_date is out of range (years are of the common era)"),
        ("birth_date", "2535-03-04", "birth_date is out of range (years are of the common era)"),
        ("birth_date", "2026-09-22", "birth_date is in the future (years are of the common era)"),
        ("nationality", "Myanmar", "nationality is not a country's three letters"),
        ("identifier_system", "https://example.org/id", "identifier_system is not one that we know"),
        ("identifier_system", PASSPORT + "mmr", "identifier_system is not one that we know"),
        (
            "identifier_value",
            "12345678901",
            "identifier_value must have 13 digits (a spreadsheet may have dropped leading zeros)",
        ),
        (
            "identifier_value",
            "๑๒๓๔๕๖๗๘๙๐๑๒๓",
            "identifier_value must have 13 digits (a spreadsheet may have dropped leading zeros)",
        ),
        ("identifier_value", "1101700203451", "the check digit of identifier_value does not fit"),
        ("scheme", "UC", "scheme is not one that we know"),
        ("regular_hospital", "1066", "regular_hospital must be a hospital code of 5 or 9 digits"),
        ("primary_hospital", "", "primary_hospital must be a hospital code of 5 or 9 digits"),
        ("referral_hospital", "1066A", "referral_hospital must be a hospital code of 5 or 9 digits"),
        ("covered_until", "2025-12-31", "covered_until is before covered_from"),
        ("covered_until", "2570-12-31", "covered_until is out of range (years are of the common era)"),
    ],
)
def test_a_bad_row_is_named_and_the_others_go_in(column: str, value: str, reason: str) -> None:
    roster = parse(GOOD | {column: value}, GOOD)
    assert reasons(roster) == {2: reason}
    assert list(roster.entries) == [3]


WORK = {"work_permit": "1098765432101", "work_permit_until": "2027-03-31", "employer": "Ranong Cold Storage"}


@pytest.mark.parametrize("values", [WORK, dict.fromkeys(WORK, ""), WORK | {"employer": ""}])
def test_columns_on_a_migrant_s_work_may_be_there(values: dict[str, str]) -> None:
    roster = parse(GOOD | values, columns=(*WORK_COLUMNS, *COLUMNS))
    assert roster.problems == ()
    assert vars(roster.entries[2]) == GOOD | values | {"copay_baht": None, "phone": None}


@pytest.mark.parametrize("value", ["30", "0", "99999", ""])
def test_a_copay_may_be_there(value: str) -> None:
    roster = parse(GOOD | {"copay_baht": value}, columns=("copay_baht", *COLUMNS))
    assert roster.problems == ()
    assert roster.entries[2].copay_baht == value


@pytest.mark.parametrize("value", ["-30", "30.00", "030", "100000", "\u0e53\u0e50", "30 baht"])
def test_a_copay_is_whole_baht(value: str) -> None:
    roster = parse(GOOD | {"copay_baht": value}, columns=("copay_baht", *COLUMNS))
    assert reasons(roster) == {2: "copay_baht must be whole baht in digits, up to 99999"}
    assert roster.problems[0].faults[0].code is FaultCode.NOT_AN_AMOUNT


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("work_permit", "wp 1", "work_permit must be 5 to 20 capital letters, digits and hyphens"),
        ("work_permit", "", "work_permit and work_permit_until belong together"),
        ("work_permit_until", "", "work_permit and work_permit_until belong together"),
        ("work_permit_until", "2570-03-31", "work_permit_until is out of range (years are of the common era)"),
        ("employer", "...", "employer has no letters"),
    ],
)
def test_a_bad_row_on_a_migrant_s_work_is_named(column: str, value: str, reason: str) -> None:
    roster = parse(GOOD | WORK | {column: value}, columns=(*COLUMNS, *WORK_COLUMNS))
    assert reasons(roster) == {2: reason}


@pytest.mark.parametrize("columns", [(*COLUMNS, "employer", "employer"), (*COLUMNS, "salary"), COLUMNS[1:]])
def test_other_columns_are_refused(columns: tuple[str, ...]) -> None:
    with pytest.raises(InvalidRequest, match="must name each of these columns once"):
        parse_roster(",".join(columns).encode(), today=TODAY)


def test_a_row_with_many_faults_names_them_all() -> None:
    roster = parse(GOOD | {"name": "", "scheme": "x"})
    faults = [(fault.code, fault.column) for fault in roster.problems[0].faults]
    assert faults == [(FaultCode.MISSING, "name"), (FaultCode.UNKNOWN_SCHEME, "scheme")]
    assert reasons(roster) == {2: "name is missing; scheme is not one that we know"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'"P-1', "the line's quotation marks or fields can't be read"),
        (b"a,b,c", "the line has 3 fields instead of 13"),
        ("P-1,สมชาย,Somchai".encode("tis-620"), "the line is not UTF-8"),
        (b",,,,,,,,,,,,,", "the line has 14 fields instead of 13"),
    ],
)
def test_a_broken_line_spoils_no_other(line: bytes, reason: str) -> None:
    content = b"\r\n".join([",".join(COLUMNS).encode(), line, ",".join(GOOD.values()).encode()])
    roster = parse_roster(content, today=TODAY)
    assert reasons(roster)[2] == reason
    assert len(roster.entries) == 1


def test_the_zero_series_may_have_a_check_digit_that_does_not_fit() -> None:
    right = GOOD["identifier_value"]
    off = right[:12] + str((int(right[12]) + 1) % 10)
    roster = parse(GOOD | {"identifier_value": off})
    assert roster.entries[2].identifier_value == off
    assert off.startswith("00")
    assert [note.line for note in roster.warnings] == [2]


def test_passports_and_the_old_name_of_citizen_ids() -> None:
    passport = {"identifier_system": PASSPORT + "KHM", "identifier_value": "n0123456"}
    old = {"identifier_system": "https://www.dopa.go.th", "person_ref": "P-2"}
    roster = parse(GOOD | passport, GOOD | old)
    assert roster.entries[2].identifier_value == "N0123456"
    assert roster.entries[3].identifier_system == CITIZEN_ID
    bad = parse(GOOD | passport | {"identifier_value": "N 1"})
    assert reasons(bad) == {2: "identifier_value is not of a passport's form"}


def test_names_are_normalised_and_joiners_stay() -> None:
    decomposed = unicodedata.normalize("NFD", "José  Nu\u0301ñez ")
    roster = parse(GOOD | {"name": "ស\u200bុខ", "name_latin": decomposed})
    assert roster.entries[2].name == "ស\u200bុខ"
    assert roster.entries[2].name_latin == "José Núñez"


@pytest.mark.parametrize(
    ("change", "reason"),
    [({}, "the same person_ref is in line 2"), ({"person_ref": "P-2"}, "the same identifier is in line 2")],
)
def test_the_second_of_two_alike_is_a_problem(change: dict[str, str], reason: str) -> None:
    roster = parse(GOOD, GOOD | change)
    assert reasons(roster) == {3: reason}
    assert list(roster.entries) == [2]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a,b\n", b'"', (",".join(COLUMNS) + ",extra\n").encode()])
def test_files_that_are_no_roster(content: bytes) -> None:
    with pytest.raises(InvalidRequest, match="first line"):
        parse_roster(content, today=TODAY)


def test_a_file_of_too_many_rows() -> None:
    with pytest.raises(InvalidRequest, match="rows"):
        parse_roster(b"\n" * (MAX_ROWS + 1), today=TODAY)


@given(st.binary(max_size=200))
def test_any_bytes_after_the_header_are_rows_or_problems(noise: bytes) -> None:
    roster = parse_roster(",".join(COLUMNS).encode() + b"\n" + noise, today=TODAY)
    assert roster.entries == {}
