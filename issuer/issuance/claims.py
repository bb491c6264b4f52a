"""What a credential says of a person, from the roster and from the officer who offers it, and for how long."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from issuer.issuance.configurations import Configuration
from issuer.roster.models import Person
from vc_core.coverage import BANGKOK
from vc_core.credential_types.definition import CredentialType, InvalidClaims
from vc_core.credential_types.person import PORTRAIT
from vc_core.credential_types.portrait import create_portrait
from vc_core.credential_types.text import is_displayable
from vc_core.errors import ProtocolError

_DAY_SECONDS = 24 * 3600


def claims_of(
    person: Person, configuration: Configuration, stated: Mapping[str, Any], *, portrait: bytes | None = None
) -> dict[str, Any]:
    """What a credential of this configuration says of this person: what the roster has, and what the officer states
    beyond it.

    Optional claims that neither has are left out; a portrait is never stated. Raises `InvalidClaims` where a claim is
    missing or not of its kind, where they are too long together for a QR pass, or where the officer states what the
    roster says already.
    """
    claims = roster_claims(person.model_dump(), configuration, portrait=portrait)
    for name, value in stated.items():
        if name in claims:
            raise InvalidClaims(f"{name} is what the roster says")
        if name == PORTRAIT.name:
            raise InvalidClaims("a portrait is what the person's record has")
        if isinstance(value, str) and not is_displayable(value):
            raise InvalidClaims(f"{name} has characters that change the writing around them")
    claims |= stated
    configuration.check(claims)
    return claims


def roster_claims(
    person: Mapping[str, Any], configuration: Configuration, *, portrait: bytes | None = None
) -> dict[str, Any]:
    """What the office has of this configuration's claims for a person, who comes as a row of the roster by columns."""
    copay = person["copay_baht"]
    known = {**person, "birth_year": int(person["birth_date"][:4]), "copay_baht": int(copay) if copay else ""}
    known["portrait"] = create_portrait(portrait) if portrait else ""
    return {claim.name: known[claim.name] for claim in configuration.claims() if known.get(claim.name, "") != ""}


def expiry_of(claims: Mapping[str, Any], credential_type: CredentialType, *, issued_at: int) -> int:
    """When a credential issued at that time ends (seconds since 1970, exclusive): with its last day, if it has one.

    Raises `ProtocolError` `credential_request_denied` where that day is over.
    """
    expires_at = issued_at + int(credential_type.validity.total_seconds())
    if credential_type.last_day is None:
        return expires_at
    ends_at = _end_of_day(claims[credential_type.last_day])
    if ends_at <= issued_at:
        raise ProtocolError("credential_request_denied", "What it would say has ended, so there is nothing to issue.")
    return min(expires_at, ends_at)


@lru_cache(maxsize=1024)
def _end_of_day(day: str) -> int:
    """When a day in Thailand, `YYYY-MM-DD`, ends: seconds since 1970."""
    begins = datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(), BANGKOK)
    return int(begins.timestamp()) + _DAY_SECONDS  # the day after it may be none: 9999-12-31 stands for "without end"
