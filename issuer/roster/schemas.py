"""The roster on the wire."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from issuer.roster.faults import FaultCode


class RowFault(BaseModel):
    """One thing that is wrong with a row, or odd; `column` is null where it is the whole row's."""

    model_config = ConfigDict(from_attributes=True)

    code: FaultCode
    column: str | None


class LineReason(BaseModel):
    """A line of the file (the header is line 1) and what is to be said of it: in English, and fault by fault."""

    model_config = ConfigDict(from_attributes=True)

    line: int
    reason: str
    faults: list[RowFault]


class ImportReport(BaseModel):
    """What became of a roster file, or would become of it. `warnings` are of rows that went in all the same."""

    imported: int = Field(description="People who were not there before")
    updated: int
    unchanged: int
    problems: list[LineReason] = Field(description="Rows that did not go in")
    warnings: list[LineReason]


class PersonAnswer(BaseModel):
    """A person of the roster. Dates are `YYYY-MM-DD`; both ends of the coverage count."""

    person_id: str
    person_ref: str
    health_id: str
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
    work_permit: str = Field(description="Empty where none is known, as the two after it")
    work_permit_until: str
    employer: str
    copay_baht: str = Field(description="What a visit costs the person, in digits; empty where it is not known")
    phone: str


class PeoplePage(BaseModel):
    """People in the order of their references; `next` is what to pass as `after`, null on the last page."""

    people: list[PersonAnswer]
    next: str | None
