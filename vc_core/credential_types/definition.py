"""What a definition of a credential type consists of. Labels are in the five languages of `LANGUAGES`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from vc_core.credential_types.portrait import parse_portrait

LANGUAGES = ("th", "en", "my", "lo", "km")
MAX_TEXT = 200
"""Characters that a text claim may have."""
MAX_INTEGER = 2**53 - 1
"""The greatest whole number that every reader of JSON keeps as it is."""


class ClaimKind(StrEnum):
    """How a claim's value looks: text, a whole number, a date as `YYYY-MM-DD`, or a picture as in `portrait.py`."""

    TEXT = "text"
    INTEGER = "integer"
    DATE = "date"
    IMAGE = "image"


class StatusPolicy(StrEnum):
    """Whether a credential of the type names an entry of a status list: always, or never since it is short-lived."""

    REQUIRED = "required"
    NONE = "none"


class InvalidClaims(ValueError):
    """The claims are not those of the credential type; the message names the claim and holds no value."""


@dataclass(frozen=True)
class Claim:
    """One claim: its name, labels by language, kind, and whether the holder may withhold it (`disclosable`).

    `qr_key` is its integer key in the QR pass; None keeps it out of there. `pattern` is a regular expression that the
    whole of a text must match, in the part of the syntax that Python and JSON Schema share. `choices` are the values
    that a text may have, each with its labels by language. `only_withheld` keeps the claim out of the formats in which
    a holder can withhold nothing: it is in SD-JWT VCs alone.
    """

    name: str
    labels: Mapping[str, str]
    kind: ClaimKind = ClaimKind.TEXT
    required: bool = True
    disclosable: bool = True
    qr_key: int | None = None
    pattern: str | None = None
    choices: Mapping[str, Mapping[str, str]] | None = None
    only_withheld: bool = False

    def check(self, value: Any) -> None:
        """Raises `InvalidClaims` where the value is not of this claim's kind."""
        if not self.is_good(value):
            raise self.invalid

    @property
    def invalid(self) -> InvalidClaims:
        """What is said of a value that is not of this claim's kind."""
        return InvalidClaims(f"{self.name} is not a valid {self.kind}")

    def text(self, value: Any, language: str) -> str:
        """The value for a reader of this language: the label of a choice, anything else as it is, no picture."""
        if self.kind is ClaimKind.IMAGE:
            return "JPEG"
        labels = (self.choices or {}).get(value) if isinstance(value, str) else None
        return str(value) if labels is None else labels.get(language, labels["en"])

    @cached_property
    def is_good(self) -> Callable[[Any], bool]:
        """Whether a value is of this claim's kind: looked up once, called for every claim that is read or issued."""
        match self.kind:
            case ClaimKind.TEXT if self.pattern is None and self.choices is None:
                return _is_text
            case ClaimKind.TEXT:
                return self._is_allowed_text
            case ClaimKind.DATE:
                return _is_date
            case ClaimKind.IMAGE:
                return _is_portrait
            case ClaimKind.INTEGER:
                return _is_integer

    def _is_allowed_text(self, value: Any) -> bool:
        if not _is_text(value) or (self.pattern is not None and not re.fullmatch(self.pattern, value, re.ASCII)):
            return False
        return self.choices is None or value in self.choices


@dataclass(frozen=True, eq=False)
class CredentialType:
    """A credential type: `vct` names it in signatures (SD-JWT VC section 3.2.2.1), `number` in the QR pass.

    `vct` is `urn:sabai:credential:<name>:<version>`. `validity` is how long a credential holds; where `last_day` names
    one of its dates, no longer than that day in Thailand. `description` says in English what it is for.
    """

    name: str
    vct: str
    number: int
    labels: Mapping[str, str]
    claims: tuple[Claim, ...]
    validity: datetime.timedelta
    color: str
    """Background of the card as it is displayed, `#rrggbb`; white text must be readable on it."""
    description: str = ""
    status_policy: StatusPolicy = StatusPolicy.REQUIRED
    qr_pass: bool = True
    """Whether credentials of the type are issued as QR passes too."""
    last_day: str | None = None

    @property
    def version(self) -> str:
        """The version in `vct`, digits."""
        return self.vct.rpartition(":")[2]

    def disclosable(self) -> frozenset[str]:
        """Names of the claims that the holder may withhold."""
        return self._disclosable

    def always_shown(self) -> frozenset[str]:
        """Names of the claims that every credential has, and that the holder can't withhold."""
        return self._always_shown

    def whole_claims(self) -> tuple[Claim, ...]:
        """The claims in formats that show a credential as a whole: `ldp_vc` and `jwt_vc_json`."""
        return self._whole_claims

    def qr_claims(self) -> Mapping[int, Claim]:
        """The claims that go into the QR pass, by integer key."""
        return self._qr_claims

    # Each is asked for with every credential that is read.
    @cached_property
    def _is_good(self) -> Mapping[str, Callable[[Any], bool]]:
        return {claim.name: claim.is_good for claim in self.claims}

    @cached_property
    def _disclosable(self) -> frozenset[str]:
        return frozenset(claim.name for claim in self.claims if claim.disclosable)

    @cached_property
    def _required(self) -> frozenset[str]:
        return frozenset(claim.name for claim in self.claims if claim.required)

    @cached_property
    def _always_shown(self) -> frozenset[str]:
        return frozenset(claim.name for claim in self.claims if claim.required and not claim.disclosable)

    @cached_property
    def _whole_claims(self) -> tuple[Claim, ...]:
        return tuple(claim for claim in self.claims if not claim.only_withheld)

    @cached_property
    def _qr_claims(self) -> Mapping[int, Claim]:
        return {claim.qr_key: claim for claim in self.claims if claim.qr_key is not None}

    def check_whole(self, claims: Mapping[str, Any]) -> None:
        """As `check`, for formats that show all: a claim that would have to be withheld has no place there."""
        if any(claim.only_withheld and claim.name in claims for claim in self.claims):
            raise InvalidClaims("a claim that this format does not have")
        self.check(claims)

    def check(self, claims: Mapping[str, Any], *, complete: bool = True) -> None:
        """Raises `InvalidClaims` where a claim is unknown or of the wrong kind.

        If `complete`, also where a required one is missing.
        """
        is_good = self._is_good
        for name, value in claims.items():
            if name not in is_good:
                raise InvalidClaims("a claim that this type does not have")
            if not is_good[name](value):
                raise next(each.invalid for each in self.claims if each.name == name)
        if complete and not self._required <= claims.keys():
            missing = next(each.name for each in self.claims if each.required and each.name not in claims)
            raise InvalidClaims(f"{missing} is missing")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT


def _is_integer(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_INTEGER


def _is_portrait(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(parse_portrait(value))
    except ValueError:
        return False


def _is_date(value: Any) -> bool:
    try:
        # Of all that Python reads as a day, this alone has that length and a hyphen there. Written again and compared,
        # a day takes ten times as long.
        return (
            isinstance(value, str) and len(value) == 10 and value[7] == "-" and bool(datetime.date.fromisoformat(value))
        )
    except ValueError:
        return False
