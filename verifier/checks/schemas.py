"""The verdict as it goes over the wire, and the request for one."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from vc_core.encoding import EncodingError, parse_json_object
from vc_core.errors import InvalidRequest, ReasonCode


class CheckRequest(BaseModel):
    """What a scanner read."""

    model_config = ConfigDict(extra="forbid")

    qr: str = Field(description="The text of the QR code, as the scanner gave it.")


def parse_check_request(content_type: str, body: bytes) -> str:
    """The text in the body of a `CheckRequest`. Raises `InvalidRequest` where it is not JSON of that form.

    It has to say that it is JSON: a form of another site can send JSON as text/plain, and no more than that.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if not media_type.startswith("application/") or not media_type.endswith(("/json", "+json")):
        raise InvalidRequest("Not of the documented form: a body of the type application/json is needed.")
    try:
        request = parse_json_object(body)
    except EncodingError as cause:
        raise InvalidRequest("Not of the documented form: body.") from cause
    text = request.get("qr")
    if len(request) != 1 or not isinstance(text, str):
        raise InvalidRequest("Not of the documented form: body.qr.")
    return text


class Ages(BaseModel):
    """How old the knowledge is that the verdict rests on, in seconds; null where there is none."""

    registry_seconds: int | None = Field(description="Since the registry of DIDs was last in step with the ledger.")
    trust_seconds: int | None = Field(description="Since the accreditations were last in step with the ledger.")
    status_seconds: int | None = Field(description="Since the issuer signed its status list; null if not asked for.")


class Issuer(BaseModel):
    """The organisation that signed the credential."""

    did: str
    name: str = Field(description="As the organisation registered it; the DID where it registered none.")


class Person(BaseModel):
    """Who the credential is about. What the holder did not disclose is null."""

    health_id: str | None
    name: str | None
    name_latin: str | None
    birth_year: int | None = Field(description="Of the Gregorian calendar.")


class Hospital(BaseModel):
    """One of the three hospitals of a coverage."""

    kind: Literal["regular", "primary", "referral"]
    hospital_code: str = Field(description="5 or 9 digits.")
    here: bool = Field(description="Whether it is the one that asks.")


class Coverage(BaseModel):
    """Which scheme pays, where, and from when until when (both days included, `YYYY-MM-DD`)."""

    scheme: str
    scheme_name: str
    hospitals: list[Hospital]
    covered_from: str
    covered_until: str


class ShownClaim(BaseModel):
    """A claim that was shown and is neither the person's nor the coverage's. docs/credential-types.md has them all."""

    name: str
    label: str = Field(description="In English.")
    value: str | int


class Verdict(BaseModel):
    """The answer to one check. `issuer`, `person` and `coverage` are null, and `claims` empty, in every refusal."""

    verdict: Literal["accepted", "rejected"]
    code: ReasonCode
    sentence: str = Field(description="The reason in plain English, without personal data.")
    checked_at: int = Field(description="Seconds since 1970.")
    ages: Ages
    credential_type: str | None = Field(description="Null where the check did not get that far.")
    issuer: Issuer | None = None
    person: Person | None = None
    coverage: Coverage | None = None
    claims: list[ShownClaim] = Field(default_factory=list, description="In the order of the credential type.")
