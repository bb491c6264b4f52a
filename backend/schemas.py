"""Kinds of values that several of the backend's requests have."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any

from fastapi import Header
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)


class WireModel(BaseModel):
    """Base of what is received: unknown members are refused, and no value is taken for one of another kind."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _check_moment(text: str) -> str:
    if not _RFC3339.match(text):
        raise ValueError("a moment is written as RFC 3339 has it, in whole seconds and with an offset")
    datetime.datetime.fromisoformat(text.upper())
    return text


def _check_date(text: str) -> str:
    if datetime.date.fromisoformat(text).isoformat() != text:
        raise ValueError("a date is written as YYYY-MM-DD")
    return text


HealthNumber = Annotated[
    str, Field(pattern=r"^SB[0-9A-HJKMNP-TV-Z]{10}$", description="The patient's health number, as on the health ID.")
]
RecordId = Annotated[
    str,
    # More than a check of form: PostgreSQL takes no NUL in a text, so it must not get as far as a query.
    Field(pattern=r"^[0-9a-f]{32}$", description="As this service gave it: 32 hex digits."),
]
HospitalCode = Annotated[str, Field(pattern=r"^([0-9]{5}|[0-9]{9})$", description="5 or 9 digits.")]
Moment = Annotated[
    str, AfterValidator(_check_moment), Field(description="RFC 3339 with an offset: `2026-10-01T09:30:00+07:00`.")
]
Date = Annotated[str, AfterValidator(_check_date), Field(description="`YYYY-MM-DD`.")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=128,
        pattern=r"^[!-~]+$",
        description="The same key with the same body gets the same answer again, and with another body a 409.",
    ),
]
PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"description": "Not of the documented form (`invalid_request`)."},
    401: {"description": "The bearer token is missing or not valid (`unauthenticated`)."},
    413: {"description": "The request is over the limit (`payload_too_large`)."},
}
CONFLICT: dict[int | str, dict[str, Any]] = {409: {"description": "Not in the state that this needs (`conflict`)."}}
TOO_MANY: dict[int | str, dict[str, Any]] = {
    429: {"description": "Too many, for now (`too_many_requests`); `Retry-After` says for how long."}
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "There is none for this caller (`not_found`)."}}
