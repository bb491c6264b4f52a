"""The schemas as an independent validator (jsonschema) reads them: they take what a definition takes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.support.claims import claims_of
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import ClaimKind, CredentialType, InvalidClaims
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.json_schema import create_schema, schema_url

every_type = pytest.mark.parametrize("credential_type", CREDENTIAL_TYPES.values(), ids=lambda each: each.name)
_ODD: tuple[Any, ...] = ("", "x", "x" * 201, "x\n", 1, -1, 2**53, True, None, [], {}, "2026-1-1", "25:00", "๑๒๓๔๕")


def test_a_schema_is_named_after_its_type_and_version() -> None:
    assert schema_url(HEALTH_ID) == "https://sabai.invalid/schemas/HealthId/v1"


@every_type
def test_a_schema_is_one_of_its_dialect(credential_type: CredentialType) -> None:
    Draft202012Validator.check_schema(create_schema(credential_type))


@every_type
@settings(max_examples=25)
@given(data=st.data())
def test_schema_and_definition_take_the_same(credential_type: CredentialType, data: st.DataObject) -> None:
    claims = data.draw(claims_of(credential_type))
    validator = Draft202012Validator(create_schema(credential_type))
    assert validator.is_valid(claims)
    name = data.draw(st.sampled_from([*claims, "ward"]))
    changed = {**claims, name: data.draw(st.sampled_from(_ODD))}
    without = {each: value for each, value in claims.items() if each != name}
    for other in (changed, without):
        assert validator.is_valid(other) is _is_valid(credential_type, other)


def _is_valid(credential_type: CredentialType, claims: dict[str, Any]) -> bool:
    try:
        credential_type.check(claims)
    except InvalidClaims:
        return False
    return True


def test_a_day_that_no_calendar_has_is_left_to_the_format() -> None:
    """JSON Schema's `format` is an annotation, unless a validator is told to assert it."""
    dates = [claim.name for claim in HEALTH_ID.claims if claim.kind is ClaimKind.DATE]
    schema = create_schema(HEALTH_ID)["properties"][dates[0]]
    assert Draft202012Validator(schema).is_valid("2026-02-30")
    assert not Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid("2026-02-30")
