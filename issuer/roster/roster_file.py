"""The roster as an office exports it: CSV in UTF-8, one person a line. A bad line is named, and the others go in.

A field never holds a line break, so that a stray quotation mark spoils its own line and not the rest of the file.
"""

from __future__ import annotations

import csv
import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from issuer.roster.faults import Fault, FaultCode, FaultyRow, faulty
from issuer.roster.identifiers import parse_identifier
from vc_core.credential_types.schemes import SCHEMES
from vc_core.credential_types.text import is_displayable
from vc_core.errors import InvalidRequest

MAX_FILE_BYTES = 6 * 1024 * 1024
MAX_ROWS = 20_000
"""A row with every column filled has about 260 bytes, as Thai takes three for a character."""
MAX_FIELD = 200
MAX_NAME = 100
MAX_REFERENCE = 64
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
)
WORK_COLUMNS = ("work_permit", "work_permit_until", "employer")
"""Columns that a file may have besides: of people who come to Thailand to work, empty for others."""
COPAY_COLUMN = "copay_baht"
"""A column that a file may have besides: what a visit costs the person in whole baht, 0 for nothing."""
PHONE_COLUMN = "phone"
"""A column that a file may have besides: where people get an SMS."""

_OPTIONAL_COLUMNS = (*WORK_COLUMNS, COPAY_COLUMN, PHONE_COLUMN)
_LINE_BREAK = re.compile(rb"\r\n|\n|\r")
_COUNTRY = re.compile(r"[A-Z]{3}\Z")
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}\Z")
_WORK_PERMIT = re.compile(r"[A-Z0-9-]{5,20}\Z")
_COPAY = re.compile(r"(?:0|[1-9][0-9]{0,4})\Z")
_HOSPITAL = re.compile(r"[0-9]{5}(?:[0-9]{4})?\Z")
_EARLIEST, _LATEST = datetime.date(1900, 1, 1), datetime.date(2200, 1, 1)


@dataclass(frozen=True)
class RosterEntry:
    """One person of the roster, every field checked and in the form that is stored. Dates are `YYYY-MM-DD`.

    What the file has no column for is None.
    """

    person_ref: str
    name: str
    name_latin: str
    birth_date: str
    nationality: str
    identifier_system: str
    identifier_value: str
    scheme: str
    regular_hospital: str
    primary_hospital: str
    referral_hospital: str
    covered_from: str
    covered_until: str
    work_permit: str | None = None
    work_permit_until: str | None = None
    employer: str | None = None
    copay_baht: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class LineNote:
    """What is wrong with a line (the header is line 1), or worth a look; it repeats nothing of the line."""

    line: int
    faults: tuple[Fault, ...]

    @property
    def reason(self) -> str:
        """All of it in English."""
        return "; ".join(fault.sentence for fault in self.faults)


@dataclass(frozen=True)
class RosterFile:
    """A file read: the good rows by line, and notes on the others."""

    entries: Mapping[int, RosterEntry]
    problems: tuple[LineNote, ...]
    warnings: tuple[LineNote, ...]


def parse_roster(content: bytes, *, today: datetime.date) -> RosterFile:
    """A roster file. Raises `InvalidRequest` where it is not one at all: no such columns, or too many rows."""
    lines = _LINE_BREAK.split(content.removeprefix(b"\xef\xbb\xbf"))
    if len(lines) - 1 > MAX_ROWS:
        raise InvalidRequest(f"A roster may have at most {MAX_ROWS} rows.")
    try:
        header = tuple(name.strip() for name in _fields(lines[0]))
    except ValueError as cause:
        raise InvalidRequest("The first line must name the roster's columns, in UTF-8.") from cause
    if len(set(header)) != len(header) or not set(COLUMNS) <= set(header) <= {*COLUMNS, *_OPTIONAL_COLUMNS}:
        raise InvalidRequest(
            f"The first line must name each of these columns once: {', '.join(COLUMNS)}. "
            f"Of these it may name some: {', '.join(_OPTIONAL_COLUMNS)}."
        )
    entries: dict[int, RosterEntry] = {}
    problems, warnings = [], []
    seen = _Seen()
    for line, text in enumerate(lines[1:], start=2):
        if not text.strip():
            continue
        try:
            entry, warning = _parse_row(header, _fields(text), today)
            seen.add(entry, line)
        except FaultyRow as cause:
            problems.append(LineNote(line, cause.faults))
            continue
        entries[line] = entry
        if warning:
            warnings.append(LineNote(line, (warning,)))
    return RosterFile(entries, tuple(problems), tuple(warnings))


class _Seen:
    """The references and identifiers of a file so far, by the line that had them first."""

    def __init__(self) -> None:
        self._references: dict[str, int] = {}
        self._identifiers: dict[tuple[str, str], int] = {}

    def add(self, entry: RosterEntry, line: int) -> None:
        """Raises `FaultyRow` where an earlier good line has the same reference or identifier."""
        identifier = (entry.identifier_system, entry.identifier_value)
        for earlier, column, what in (
            (self._references.get(entry.person_ref), "person_ref", "person_ref"),
            (self._identifiers.get(identifier), "identifier_value", "identifier"),
        ):
            if earlier is not None:
                raise faulty(FaultCode.DUPLICATE, column, f"the same {what} is in line {earlier}")
        self._references[entry.person_ref] = self._identifiers[identifier] = line


def _fields(line: bytes) -> list[str]:
    """Raises `FaultyRow`."""
    try:
        fields = next(csv.reader([line.decode("utf-8")], strict=True), [])
    except UnicodeDecodeError as cause:
        raise faulty(FaultCode.NOT_UTF8, None, "the line is not UTF-8") from cause
    except csv.Error as cause:
        sentence = "the line's quotation marks or fields can't be read"
        raise faulty(FaultCode.UNREADABLE, None, sentence) from cause
    if any(len(field) > MAX_FIELD for field in fields):
        raise faulty(FaultCode.TOO_LONG, None, f"a field has more than {MAX_FIELD} characters")
    return fields


def _parse_row(header: tuple[str, ...], fields: list[str], today: datetime.date) -> tuple[RosterEntry, Fault | None]:
    """The entry and a warning, if any. Raises `FaultyRow` with every fault that there is."""
    if len(fields) != len(header):
        raise faulty(FaultCode.FIELD_COUNT, None, f"the line has {len(fields)} fields instead of {len(header)}")
    raw = {name: unicodedata.normalize("NFC", value).strip(" ") for name, value in zip(header, fields, strict=True)}
    values: dict[str, str] = {}
    faults: list[Fault] = []
    for name in raw:
        try:
            values[name] = _CHECKS[name](name, raw[name])
        except FaultyRow as cause:
            faults += cause.faults
    if faults:
        raise FaultyRow(*faults)
    identifier = parse_identifier(values["identifier_system"], values["identifier_value"])
    values["identifier_system"], values["identifier_value"] = identifier.system, identifier.value
    if values["birth_date"] > today.isoformat():
        sentence = "birth_date is in the future (years are of the common era)"
        raise faulty(FaultCode.DATE_IN_FUTURE, "birth_date", sentence)
    if values["covered_from"] > values["covered_until"]:
        raise faulty(FaultCode.DATES_REVERSED, "covered_until", "covered_until is before covered_from")
    if bool(values.get("work_permit")) != bool(values.get("work_permit_until")):
        sentence = "work_permit and work_permit_until belong together"
        raise faulty(FaultCode.WORK_PERMIT_INCOMPLETE, "work_permit", sentence)
    return RosterEntry(**values), identifier.warning


def _text(name: str, value: str) -> str:
    if not value:
        raise faulty(FaultCode.MISSING, name, f"{name} is missing")
    if not is_displayable(value):
        raise faulty(
            FaultCode.UNSAFE_CHARACTERS,
            name,
            f"{name} has control characters, or ones that change the direction of writing",
        )
    return value


def _reference(name: str, value: str) -> str:
    if len(_text(name, value)) > MAX_REFERENCE:
        raise faulty(FaultCode.TOO_LONG, name, f"{name} has more than {MAX_REFERENCE} characters")
    return value


def _name(name: str, value: str) -> str:
    collapsed = " ".join(_text(name, value).split())
    if len(collapsed) > MAX_NAME:
        raise faulty(FaultCode.TOO_LONG, name, f"{name} has more than {MAX_NAME} characters")
    if not any(character.isalpha() for character in collapsed):
        raise faulty(FaultCode.NO_LETTERS, name, f"{name} has no letters")
    return collapsed


def _latin_name(name: str, value: str) -> str:
    collapsed = _name(name, value)
    letters = (character for character in collapsed if unicodedata.category(character)[0] in "LN")
    if not all(unicodedata.name(character, "").startswith("LATIN ") for character in letters):
        raise faulty(FaultCode.NOT_LATIN, name, f"{name} has characters other than Latin letters")
    return collapsed


def _date(name: str, value: str) -> str:
    try:
        date = datetime.date.fromisoformat(value)
    except ValueError as cause:
        raise faulty(FaultCode.NOT_A_DATE, name, f"{name} is not a date as YYYY-MM-DD") from cause
    if date.isoformat() != value:
        raise faulty(FaultCode.NOT_A_DATE, name, f"{name} is not a date as YYYY-MM-DD")
    if not _EARLIEST <= date < _LATEST:
        raise faulty(FaultCode.DATE_OUT_OF_RANGE, name, f"{name} is out of range (years are of the common era)")
    return value


def _country(name: str, value: str) -> str:
    if value and not _COUNTRY.match(value):
        raise faulty(FaultCode.NOT_A_COUNTRY, name, f"{name} is not a country's three letters")
    return value


def _scheme(name: str, value: str) -> str:
    if value not in SCHEMES:
        raise faulty(FaultCode.UNKNOWN_SCHEME, name, f"{name} is not one that we know")
    return value


def _hospital(name: str, value: str) -> str:
    if not _HOSPITAL.match(value):
        raise faulty(FaultCode.NOT_A_HOSPITAL, name, f"{name} must be a hospital code of 5 or 9 digits")
    return value


def _work_permit(name: str, value: str) -> str:
    if value and not _WORK_PERMIT.match(value):
        raise faulty(FaultCode.NOT_A_WORK_PERMIT, name, f"{name} must be 5 to 20 capital letters, digits and hyphens")
    return value


def _copay(name: str, value: str) -> str:
    if value and not _COPAY.match(value):
        raise faulty(FaultCode.NOT_AN_AMOUNT, name, f"{name} must be whole baht in digits, up to 99999")
    return value


def _phone(name: str, value: str) -> str:
    if value and not _PHONE.match(value):
        raise faulty(
            FaultCode.NOT_A_PHONE,
            name,
            f"{name} must be a plus sign, the country's code and the number, without spaces",
        )
    return value


_CHECKS: Mapping[str, Callable[[str, str], str]] = {
    "person_ref": _reference,
    "name": _name,
    "name_latin": _latin_name,
    "birth_date": _date,
    "nationality": _country,
    "identifier_system": _text,
    "identifier_value": _text,
    "scheme": _scheme,
    "regular_hospital": _hospital,
    "primary_hospital": _hospital,
    "referral_hospital": _hospital,
    "covered_from": _date,
    "covered_until": _date,
    "work_permit": _work_permit,
    "work_permit_until": lambda name, value: value and _date(name, value),
    "employer": lambda name, value: value and _name(name, value),
    "copay_baht": _copay,
    "phone": _phone,
}
