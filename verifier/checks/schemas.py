"""The verdict as it goes over the wire, and the request for one.

What we wrote ourselves is not validated again: a verdict is made of plain dataclasses, one for every check.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from vc_core.encoding import EncodingError, parse_json_object
from vc_core.errors import InvalidRequest, ReasonCode
from vc_core.formats.printed_card import is_pin
from vc_core.verification import Assurance
from vc_core.web.json_body import require_json

PIN_PATTERN = "^[0-9]{6}$"
PIN_DESCRIPTION = "What the person says whose printed card it is: six digits."


class CheckRequest(BaseModel):
    """What a scanner read."""

    model_config = ConfigDict(extra="forbid")

    qr: str = Field(description="The text of the QR code, as the scanner gave it.")
    pin: str | None = Field(default=None, pattern=PIN_PATTERN, description=PIN_DESCRIPTION)


def parse_check_request(content_type: str, body: bytes) -> tuple[str, str | None]:
    """Text and PIN in the body of a `CheckRequest`. Raises `InvalidRequest`, `UnsupportedMediaType`."""
    require_json(content_type)
    try:
        request = parse_json_object(body)
    except EncodingError as cause:
        raise InvalidRequest("Not of the documented form: body.") from cause
    text, pin = request.get("qr"), request.get("pin")
    if not isinstance(text, str) or len(request) != (2 if "pin" in request else 1):
        raise InvalidRequest("Not of the documented form: body.qr.")
    if pin is not None and not (isinstance(pin, str) and is_pin(pin)):
        raise InvalidRequest("Not of the documented form: body.pin.")
    return text, pin


@dataclass
class Ages:
    """How old the knowledge is that the verdict rests on, in seconds; null where there is none."""

    registry_seconds: Annotated[
        int | None, Field(description="Since the registry of DIDs was last in step with the ledger.")
    ]
    trust_seconds: Annotated[
        int | None, Field(description="Since the accreditations were last in step with the ledger.")
    ]
    status_seconds: Annotated[
        int | None, Field(description="Since the issuer signed its status list; null if not asked for.")
    ]


@dataclass
class Issuer:
    """The organisation that signed the credential."""

    did: str
    name: Annotated[str, Field(description="As the organisation registered it; the DID where it registered none.")]


@dataclass
class Person:
    """Who the credential is about. What the holder did not disclose is null."""

    health_id: str | None
    name: str | None
    name_latin: str | None
    birth_year: Annotated[int | None, Field(description="Of the Gregorian calendar.")]
    portrait: Annotated[
        str | None,
        Field(
            description="A JPEG of at most 160 by 200 pixels as a data URL, told for half a minute; a QR code has none."
        ),
    ] = None


@dataclass
class Hospital:
    """One of the three hospitals of a coverage."""

    kind: Literal["regular", "primary", "referral"]
    hospital_code: Annotated[str, Field(description="5 or 9 digits.")]
    here: Annotated[bool, Field(description="Whether it is the one that asks.")]


@dataclass
class Coverage:
    """Which scheme pays, where, from when until when (both days included, `YYYY-MM-DD`), and what the person pays."""

    scheme: str
    scheme_name: str
    hospitals: list[Hospital]
    covered_from: str
    covered_until: str
    copay_baht: Annotated[
        int | None, Field(description="What a visit costs the person, 0 for nothing; null where it was not shown.")
    ]


@dataclass
class ShownClaim:
    """A claim that was shown and is neither the person's nor the coverage's. docs/credential-types.md has them all."""

    name: str
    label: Annotated[str, Field(description="In English.")]
    value: str | int


@dataclass
class Verdict:
    """The answer to one check.

    `issuer`, `person`, `coverage` and `assurance` are null, and `claims` empty, in every refusal.
    """

    verdict: Literal["accepted", "rejected"]
    code: ReasonCode
    sentence: Annotated[str, Field(description="The reason in plain English, without personal data.")]
    checked_at: Annotated[int, Field(description="Seconds since 1970.")]
    ages: Ages
    credential_type: Annotated[str | None, Field(description="Null where the check did not get that far.")]
    check_id: Annotated[
        str | None, Field(description="For `POST /checks/{check_id}/face`; null where several presentations disagree.")
    ] = None
    issuer: Issuer | None = None
    person: Person | None = None
    coverage: Coverage | None = None
    claims: Annotated[list[ShownClaim], Field(description="In the order of the credential type.")] = field(
        default_factory=list
    )
    assurance: Annotated[
        Assurance | None,
        Field(description="`holder_present`, or `printed_card`, which can be copied: less sure, to be shown as such."),
    ] = None


def write_verdict(verdict: Verdict) -> bytes:
    """A verdict as JSON."""
    return orjson.dumps(verdict)
