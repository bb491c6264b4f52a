"""What can be wrong with a row of a roster file: a code that pages have texts for, the column, and a sentence.

Nothing here repeats what the row says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaultCode(StrEnum):
    """The kinds of faults. `OLD_CHECK_DIGIT` is a warning: such a row goes in."""

    NOT_UTF8 = "not_utf8"
    UNREADABLE = "unreadable"
    FIELD_COUNT = "field_count"
    MISSING = "missing"
    TOO_LONG = "too_long"
    UNSAFE_CHARACTERS = "unsafe_characters"
    NO_LETTERS = "no_letters"
    NOT_LATIN = "not_latin"
    NOT_A_DATE = "not_a_date"
    DATE_OUT_OF_RANGE = "date_out_of_range"
    DATE_IN_FUTURE = "date_in_future"
    DATES_REVERSED = "dates_reversed"
    NOT_A_COUNTRY = "not_a_country"
    UNKNOWN_SCHEME = "unknown_scheme"
    NOT_A_HOSPITAL = "not_a_hospital"
    NOT_A_WORK_PERMIT = "not_a_work_permit"
    WORK_PERMIT_INCOMPLETE = "work_permit_incomplete"
    NOT_AN_AMOUNT = "not_an_amount"
    NOT_A_PHONE = "not_a_phone"
    UNKNOWN_IDENTIFIER_SYSTEM = "unknown_identifier_system"
    NOT_A_PASSPORT = "not_a_passport"
    NOT_13_DIGITS = "not_13_digits"
    CHECK_DIGIT = "check_digit"
    OLD_CHECK_DIGIT = "old_check_digit"
    DUPLICATE = "duplicate"
    IDENTIFIER_TAKEN = "identifier_taken"


@dataclass(frozen=True)
class Fault:
    """One fault; `column` is None where it is the whole line's."""

    code: FaultCode
    column: str | None
    sentence: str


class FaultyRow(ValueError):
    """A row that does not go in, with every fault that was found."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(fault.sentence for fault in faults))
        self.faults = faults


def faulty(code: FaultCode, column: str | None, sentence: str) -> FaultyRow:
    """A row with one fault."""
    return FaultyRow(Fault(code, column, sentence))
