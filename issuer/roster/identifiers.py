"""The identifiers by which an office knows people: the 13-digit number of Thailand's registers, or a passport."""

from __future__ import annotations

import re
from dataclasses import dataclass

from issuer.roster.faults import Fault, FaultCode, faulty

CITIZEN_ID = "https://terms.sil-th.org/id/th-cid"
"""System of 13-digit numbers, of citizens as of registered foreigners."""
PASSPORT = "http://hl7.org/fhir/sid/passport-"
"""Start of the systems of passport numbers; the country follows as three letters (ISO 3166)."""

_LEGACY_CITIZEN_ID = "https://www.dopa.go.th"
_VALUE = "identifier_value"
_THIRTEEN_DIGITS = re.compile(r"[0-9]{13}\Z")
_PASSPORT_SYSTEM = re.compile(re.escape(PASSPORT) + r"[A-Z]{3}\Z")
_PASSPORT_NUMBER = re.compile(r"[A-Z0-9]{5,15}\Z")


@dataclass(frozen=True)
class Identifier:
    """A checked identifier. `warning` says what looks wrong without being refused."""

    system: str
    value: str
    warning: Fault | None = None


def parse_identifier(system: str, value: str) -> Identifier:
    """An identifier in the form that is stored; leading zeros stay. Raises `FaultyRow`."""
    if system in (CITIZEN_ID, _LEGACY_CITIZEN_ID):
        return _parse_citizen_id(value)
    if not _PASSPORT_SYSTEM.match(system):
        raise faulty(
            FaultCode.UNKNOWN_IDENTIFIER_SYSTEM, "identifier_system", "identifier_system is not one that we know"
        )
    number = value.upper()
    if not _PASSPORT_NUMBER.match(number):
        raise faulty(FaultCode.NOT_A_PASSPORT, _VALUE, "identifier_value is not of a passport's form")
    return Identifier(system, number)


def check_digit(digits: str) -> str:
    """The last digit that goes with the first twelve of a 13-digit number (modulo 11)."""
    weighted = sum(int(digit) * weight for digit, weight in zip(digits[:12], range(13, 1, -1), strict=True))
    return str((11 - weighted % 11) % 10)


def _parse_citizen_id(value: str) -> Identifier:
    """Numbers of the 0-series were given out without a good check digit too, so for them it is a warning only."""
    if not _THIRTEEN_DIGITS.match(value):
        raise faulty(
            FaultCode.NOT_13_DIGITS,
            _VALUE,
            "identifier_value must have 13 digits (a spreadsheet may have dropped leading zeros)",
        )
    if check_digit(value) == value[12]:
        return Identifier(CITIZEN_ID, value)
    if value[0] == "0":
        sentence = "the check digit of this 0-series number does not fit; it was accepted"
        return Identifier(CITIZEN_ID, value, Fault(FaultCode.OLD_CHECK_DIGIT, _VALUE, sentence))
    raise faulty(FaultCode.CHECK_DIGIT, _VALUE, "the check digit of identifier_value does not fit")
