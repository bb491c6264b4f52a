"""The coverage question, at the edges of its days and hospitals."""

from __future__ import annotations

import datetime

import pytest

from tests.support.verification import COVERAGE_CLAIMS
from vc_core.coverage import BANGKOK, check_coverage
from vc_core.credential_types.schemes import SCHEMES
from vc_core.errors import ReasonCode, Rejection


def _bangkok(text: str) -> int:
    """Seconds since 1970 of a time in Thailand."""
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=BANGKOK).timestamp())


NOON = _bangkok("2026-06-15 12:00:00")


def _code(*, hospital_code: str = "10669", now: int = NOON, **claims: str) -> ReasonCode:
    try:
        check_coverage(COVERAGE_CLAIMS | claims, hospital_code=hospital_code, now=now)
    except Rejection as rejection:
        return rejection.code
    return ReasonCode.OK


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_a_scheme_pays_or_does_not(scheme: str) -> None:
    assert _code(scheme=scheme) is (ReasonCode.OK if SCHEMES[scheme].insured else ReasonCode.NOT_COVERED)


def test_the_one_who_cannot_pay_is_not_covered() -> None:
    assert _code(scheme="8407") is ReasonCode.NOT_COVERED


@pytest.mark.parametrize("scheme", ["XYZ", "ucs", "UCS ", "8400"])
def test_a_scheme_that_nobody_knows_does_not_pay(scheme: str) -> None:
    assert _code(scheme=scheme) is ReasonCode.NOT_COVERED


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("2025-12-31 23:59:59", ReasonCode.NOT_COVERED),
        ("2026-01-01 00:00:00", ReasonCode.OK),
        ("2026-12-31 23:59:59", ReasonCode.OK),
        ("2027-01-01 00:00:00", ReasonCode.NOT_COVERED),
    ],
)
def test_first_and_last_day_count_in_thailand_s_time(moment: str, code: ReasonCode) -> None:
    assert _code(now=_bangkok(moment)) is code


def test_coverage_of_a_single_day() -> None:
    assert _code(covered_from="2026-06-15", covered_until="2026-06-15") is ReasonCode.OK


@pytest.mark.parametrize("claim", ["regular_hospital", "primary_hospital", "referral_hospital"])
def test_each_of_the_three_hospitals_is_here(claim: str) -> None:
    check_coverage(COVERAGE_CLAIMS | {claim: "12345"}, hospital_code="12345", now=NOON)


@pytest.mark.parametrize("hospital_code", ["12345", "1066", "106690", "", "010669"])
def test_other_hospitals_are_elsewhere(hospital_code: str) -> None:
    assert _code(hospital_code=hospital_code) is ReasonCode.COVERED_ELSEWHERE


def test_whether_anyone_pays_is_said_before_where() -> None:
    assert _code(hospital_code="12345", covered_until="2026-06-14") is ReasonCode.NOT_COVERED
    assert _code(hospital_code="12345", scheme="8407") is ReasonCode.NOT_COVERED
