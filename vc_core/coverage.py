"""The coverage question: does this scheme pay for this person, at this hospital, today?"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from vc_core.credential_types.insurance_coverage import HOSPITAL_CLAIMS
from vc_core.credential_types.schemes import SCHEMES
from vc_core.errors import ReasonCode, Rejection

BANGKOK = datetime.timezone(datetime.timedelta(hours=7))
"""Thailand's time, without daylight saving: what "today" means to a scheme."""


def check_coverage(claims: Mapping[str, Any], *, hospital_code: str, now: int) -> None:
    """Returns when the claims of an InsuranceCoverage cover its holder at this hospital at `now` (seconds since 1970).

    The first and the last day of the period count. Raises `Rejection`: `NOT_COVERED` where no scheme pays, or not
    today; `COVERED_ELSEWHERE` where the hospital is none of the three.
    """
    scheme = SCHEMES.get(claims["scheme"])
    if scheme is None:
        raise Rejection(ReasonCode.NOT_COVERED, "This desk does not know the scheme.")
    if not scheme.insured:
        raise Rejection(ReasonCode.NOT_COVERED, "The person is registered, but no scheme pays for them.")
    today = datetime.datetime.fromtimestamp(now, BANGKOK).date()
    if today < datetime.date.fromisoformat(claims["covered_from"]):
        raise Rejection(ReasonCode.NOT_COVERED, "The coverage has not begun yet.")
    if today > datetime.date.fromisoformat(claims["covered_until"]):
        raise Rejection(ReasonCode.NOT_COVERED, "The coverage has ended.")
    if hospital_code not in {claims[name] for name in HOSPITAL_CLAIMS}:
        raise Rejection(ReasonCode.COVERED_ELSEWHERE, "The coverage is good, but at other hospitals than this one.")
