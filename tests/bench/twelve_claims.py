"""A credential type of the benchmark's own, with twelve claims to disclose: what others measure SD-JWT VC with."""

from __future__ import annotations

import datetime
from typing import Any, cast

from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import Claim, ClaimKind, CredentialType
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE

_LABELS = INSURANCE_COVERAGE.labels
_VALUES: dict[str, tuple[ClaimKind, Any]] = {
    "family_name": (ClaimKind.TEXT, "ทองดี"),
    "given_name": (ClaimKind.TEXT, "สมหญิง"),
    "family_name_latin": (ClaimKind.TEXT, "Thongdee"),
    "given_name_latin": (ClaimKind.TEXT, "Somying"),
    "birth_day": (ClaimKind.DATE, "1985-03-14"),
    "citizen_number": (ClaimKind.TEXT, "1101700230708"),
    "scheme_code": (ClaimKind.TEXT, "8401"),
    "hospital": (ClaimKind.TEXT, "10669"),
    "hospital_name": (ClaimKind.TEXT, "โรงพยาบาลสรรพสิทธิประสงค์"),
    "from_day": (ClaimKind.DATE, "2026-01-01"),
    "until_day": (ClaimKind.DATE, "2027-12-31"),
    "visits_left": (ClaimKind.INTEGER, 12),
}

TWELVE_CLAIMS = CredentialType(
    name="TwelveClaims",
    vct="urn:sabai:credential:TwelveClaims:1",
    number=1_000_000,
    labels=_LABELS,
    description="Twelve claims, each of which the holder may withhold.",
    color="#000000",
    validity=datetime.timedelta(days=366),
    claims=tuple(Claim(name, _LABELS, kind=kind) for name, (kind, _) in _VALUES.items()),
)
SAMPLE = {name: value for name, (_, value) in _VALUES.items()}


def define_twelve_claims() -> None:
    """Makes the type known in this process, as a file in `vc_core/credential_types` would."""
    cast("dict[str, CredentialType]", CREDENTIAL_TYPES)[TWELVE_CLAIMS.vct] = TWELVE_CLAIMS
