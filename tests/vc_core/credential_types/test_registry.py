"""What is refused of definitions, each with one fault."""

import datetime
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc_core.credential_types import CREDENTIAL_TYPES, type_named, type_numbered
from vc_core.credential_types.definition import ClaimKind, CredentialType, InvalidClaims
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.credential_types.person import PORTRAIT
from vc_core.credential_types.registry import create_registry

_FIRST = HEALTH_ID.claims[0]
_ENGLISH_ONLY = {"en": "Health ID"}


def _with_claim(**changes: object) -> CredentialType:
    return replace(HEALTH_ID, claims=(replace(_FIRST, **changes), *HEALTH_ID.claims[1:]))  # type: ignore[arg-type]


def test_every_type_is_found_by_vct_name_and_number() -> None:
    assert [each.number for each in CREDENTIAL_TYPES.values()] == sorted(
        each.number for each in CREDENTIAL_TYPES.values()
    )
    for vct, each in CREDENTIAL_TYPES.items():
        assert each.vct == vct
        assert type_named(each.name) is each
        assert type_numbered(each.number) is (each if each.qr_pass else None)
    assert type_named("Diploma") is type_numbered(0) is None


@pytest.mark.parametrize(
    "types",
    [
        [HEALTH_ID, replace(INSURANCE_COVERAGE, name="HealthId", vct="urn:sabai:credential:HealthId:2")],
        [HEALTH_ID, replace(INSURANCE_COVERAGE, number=HEALTH_ID.number)],
        [INSURANCE_COVERAGE, _with_claim(kind=ClaimKind.INTEGER)],
        [INSURANCE_COVERAGE, _with_claim(labels={**_FIRST.labels, "en": "Another number"})],
        [replace(HEALTH_ID, name="health id")],
        [replace(HEALTH_ID, vct="urn:sabai:credential:HealthID:1")],
        [replace(HEALTH_ID, vct="https://elsewhere.example/HealthId")],
        [replace(HEALTH_ID, number=0)],
        [replace(HEALTH_ID, color="teal")],
        [replace(HEALTH_ID, description="")],
        [replace(HEALTH_ID, labels=_ENGLISH_ONLY)],
        [replace(HEALTH_ID, claims=(*HEALTH_ID.claims, _FIRST))],
        [replace(HEALTH_ID, claims=(_FIRST, replace(_FIRST, name="other")))],
        [_with_claim(name="Health-ID")],
        [_with_claim(name="cnf")],
        [_with_claim(name="id")],
        [_with_claim(qr_key=0)],
        [_with_claim(labels=_ENGLISH_ONLY)],
        [_with_claim(kind=ClaimKind.DATE, pattern="[0-9]+")],
        [_with_claim(choices={"x": _ENGLISH_ONLY})],
        [_with_claim(kind=ClaimKind.IMAGE)],
        [_with_claim(only_withheld=True)],
        [_with_claim(only_withheld=True, required=False)],
        [replace(HEALTH_ID, claims=(replace(PORTRAIT, qr_key=11),))],
        [replace(HEALTH_ID, claims=(replace(PORTRAIT, only_withheld=False),))],
        [replace(HEALTH_ID, last_day="no_such_claim")],
        [replace(HEALTH_ID, last_day="health_id")],
        [replace(HEALTH_ID, last_day="birth_year")],
    ],
)
def test_a_definition_with_a_fault_is_refused(types: list[CredentialType]) -> None:
    with pytest.raises(ValueError, match=r"HealthI|InsuranceCoverage|health id"):
        create_registry(types)


@pytest.mark.parametrize(
    ("claim", "good", "bad"),
    [
        (replace(_FIRST, pattern="[0-9]{5}"), ["10661"], ["1066", "106610", "10661\n", "๑๐๖๖๑", " 10661"]),
        (replace(_FIRST, choices={"a": HEALTH_ID.labels}), ["a"], ["b", "A", ""]),
    ],
)
def test_a_text_keeps_to_its_pattern_and_choices(claim: object, good: list[str], bad: list[str]) -> None:
    check: Callable[[str], None] = claim.check  # type: ignore[attr-defined]
    for text in good:
        check(text)
    for text in bad:
        with pytest.raises(InvalidClaims):
            check(text)


_DAYS = st.dates().map(str)
_SPELLED = st.tuples(st.dates(), st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%G-W%V-%u", "%GW%V%u", "%G-W%V", "%d-%m-%Y"]))


@given(
    _DAYS
    | _SPELLED.map(lambda pair: pair[0].strftime(pair[1]))
    | st.from_regex(r"\d{4}-\d\d-\d\d", fullmatch=True)
    | st.tuples(_DAYS, st.integers(0, 10), st.text(max_size=2)).map(
        lambda to: to[0][: to[1]] + to[2] + to[0][to[1] + 1 :]
    )
)
def test_a_day_has_one_spelling(text: str) -> None:
    try:
        is_good = datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        is_good = False
    assert replace(_FIRST, kind=ClaimKind.DATE).is_good(text) is is_good


@pytest.mark.parametrize("credential_type", CREDENTIAL_TYPES.values(), ids=lambda each: each.name)
def test_white_text_is_readable_on_the_card(credential_type: CredentialType) -> None:
    """WCAG 2.2 asks for a contrast of 4.5 (1.4.3)."""
    red, green, blue = (int(credential_type.color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    luminance = 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)
    assert 1.05 / (luminance + 0.05) >= 4.5


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
