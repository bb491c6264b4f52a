"""What a credential says of a person of the roster, and for how long."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from issuer.roster.models import Person
from vc_core.coverage import BANGKOK
from vc_core.credential_types.definition import CredentialType
from vc_core.errors import ProtocolError


def claims_of(person: Person, credential_type: CredentialType) -> dict[str, Any]:
    """The claims of this type for this person; an optional one that the roster has no value for is left out."""
    known = person.model_dump() | {"birth_year": int(person.birth_date[:4])}
    return {claim.name: known[claim.name] for claim in credential_type.claims if known[claim.name] != ""}


def expiry_of(claims: Mapping[str, Any], credential_type: CredentialType, *, issued_at: int) -> int:
    """When a credential issued at that time ends (seconds since 1970, exclusive): with its last day, if it has one.

    Raises `ProtocolError` `credential_request_denied` where that day is over.
    """
    expires_at = issued_at + int(credential_type.validity.total_seconds())
    if credential_type.last_day is None:
        return expires_at
    day_after = datetime.date.fromisoformat(claims[credential_type.last_day]) + datetime.timedelta(days=1)
    ends_at = int(datetime.datetime.combine(day_after, datetime.time(), BANGKOK).timestamp())
    if ends_at <= issued_at:
        raise ProtocolError("credential_request_denied", "What it would say has ended, so there is nothing to issue.")
    return min(expires_at, ends_at)
