"""What a definition of a credential type consists of. Labels are in the five languages of `LANGUAGES`."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LANGUAGES = ("th", "en", "my", "lo", "km")
MAX_TEXT = 200
"""Characters that a text claim may have."""


class ClaimKind(StrEnum):
    """How a claim's value looks: text, a whole number, or a date as `YYYY-MM-DD`."""

    TEXT = "text"
    INTEGER = "integer"
    DATE = "date"


class InvalidClaims(ValueError):
    """The claims are not those of the credential type; the message names the claim and holds no value."""


@dataclass(frozen=True)
class Claim:
    """One claim: its name, labels by language, kind, and whether the holder may withhold it (`disclosable`).

    `qr_key` is its integer key in the QR pass; None keeps it out of there.
    """

    name: str
    labels: Mapping[str, str]
    kind: ClaimKind = ClaimKind.TEXT
    required: bool = True
    disclosable: bool = True
    qr_key: int | None = None

    def check(self, value: Any) -> None:
        """Raises `InvalidClaims` where the value is not of this claim's kind."""
        match self.kind:
            case ClaimKind.INTEGER:
                good = type(value) is int and 0 <= value < 2**53
            case ClaimKind.DATE:
                good = isinstance(value, str) and _is_date(value)
            case ClaimKind.TEXT:
                good = isinstance(value, str) and 0 < len(value) <= MAX_TEXT
        if not good:
            raise InvalidClaims(f"{self.name} is not a valid {self.kind}")


@dataclass(frozen=True)
class CredentialType:
    """A credential type: `vct` names it in signatures (SD-JWT VC section 3.2.2.1), `number` in the QR pass."""

    name: str
    vct: str
    number: int
    labels: Mapping[str, str]
    claims: tuple[Claim, ...]
    validity: datetime.timedelta
    color: str
    """Background of the card as it is displayed, `#rrggbb`; white text must be readable on it."""

    def disclosable(self) -> frozenset[str]:
        """Names of the claims that the holder may withhold."""
        return frozenset(claim.name for claim in self.claims if claim.disclosable)

    def qr_claims(self) -> Mapping[int, Claim]:
        """The claims that go into the QR pass, by integer key."""
        return {claim.qr_key: claim for claim in self.claims if claim.qr_key is not None}

    def check(self, claims: Mapping[str, Any], *, complete: bool = True) -> None:
        """Raises `InvalidClaims` where a claim is unknown or of the wrong kind.

        If `complete`, also where a required one is missing.
        """
        known = {claim.name: claim for claim in self.claims}
        for name, value in claims.items():
            if name not in known:
                raise InvalidClaims("a claim that this type does not have")
            known[name].check(value)
        if complete:
            for claim in self.claims:
                if claim.required and claim.name not in claims:
                    raise InvalidClaims(f"{claim.name} is missing")


def _is_date(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
