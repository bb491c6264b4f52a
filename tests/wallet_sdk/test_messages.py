"""Messages in five languages, and what doesn't fit a template."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc_core.credential_types.definition import LANGUAGES
from wallet_sdk.messages import render_message

APPOINTMENT = {"hospital_code": "11230", "starts_at": "2026-03-05T02:30:00Z"}
SIGHTING = {"facility_name": "Riverside Hospital", "method": "qr", "checked_at": 1_772_681_400}
CLAIM = {"hospital_code": "112300001", "service_date": "2026-03-05", "amount_satang": 123456789}
SCRIPTS = {"th": "THAI", "en": "LATIN", "my": "MYANMAR", "lo": "LAO", "km": "KHMER"}


def test_an_appointment_is_told_in_bangkok_time() -> None:
    english = render_message("appointment_confirmed", APPOINTMENT, "en")
    assert english == "Your appointment at hospital 11230 on 5 March 2026 at 09:30 is confirmed."
    thai = render_message("appointment_confirmed", APPOINTMENT, "th")
    assert "5 มีนาคม 2569" in thai
    assert "09:30" in thai
    late = {**APPOINTMENT, "starts_at": "2026-12-31T17:00:00+00:00"}
    assert "1 January 2027 at 00:00" in render_message("appointment_confirmed", late, "en")


def test_a_claim_is_told_in_baht() -> None:
    english = render_message("claim_approved", CLAIM, "en")
    assert english == "Your claim of 1,234,567.89 baht for care at hospital 112300001 on 5 March 2026 is approved."


def test_a_card_that_was_shown_and_a_phone_are_told() -> None:
    told = render_message("card_shown", SIGHTING | {"facility_name": "River\u202eside\n"}, "en")
    assert told == "Riverside checked your card on 5 March 2026 at 10:30."
    assert render_message("device_registered", {"device_id": "x"}, "en").startswith("A phone was registered")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("template", "parameters"), [("appointment_confirmed", APPOINTMENT), ("claim_approved", CLAIM), ("unknown", {})]
)
def test_each_language_is_in_its_script(language: str, template: str, parameters: dict[str, Any]) -> None:
    sentence = render_message(template, parameters, language)
    letters = [character for character in sentence if character.isalpha()]
    own = [each for each in letters if unicodedata.name(each).startswith(SCRIPTS[language])]
    assert own == letters
    assert "{" not in sentence
    if parameters:
        assert parameters["hospital_code"] in sentence
        assert "2026" in sentence or "2569" in sentence


@pytest.mark.parametrize(
    ("template", "parameters"),
    [
        ("lottery_won", {"amount": 1}),
        ("", {}),
        ("appointment_confirmed", {}),
        ("appointment_confirmed", {**APPOINTMENT, "starts_at": "2026-03-05T09:30:00"}),
        ("appointment_confirmed", {**APPOINTMENT, "starts_at": 1_790_000_000}),
        ("appointment_confirmed", {**APPOINTMENT, "starts_at": "0001-01-01T00:00:00+14:00"}),
        ("appointment_confirmed", {**APPOINTMENT, "hospital_code": "Call +66 81 000 0000 now"}),
        ("claim_approved", {**CLAIM, "amount_satang": "100"}),
        ("claim_approved", {**CLAIM, "amount_satang": -1}),
        ("claim_approved", {**CLAIM, "amount_satang": True}),
        ("claim_approved", {**CLAIM, "service_date": "\u202e2026"}),
    ],
)
def test_what_does_not_fit_says_nothing(template: str, parameters: dict[str, Any]) -> None:
    assert render_message(template, parameters, "en") == "You have a new message."


def test_a_language_that_we_do_not_have() -> None:
    assert render_message("claim_approved", CLAIM, "xx") == render_message("claim_approved", CLAIM, "en")


@given(
    st.sampled_from(["appointment_confirmed", "claim_approved", "other"]),
    st.dictionaries(
        st.sampled_from(["hospital_code", "starts_at", "service_date", "amount_satang"]),
        st.one_of(st.none(), st.integers(), st.text(max_size=30), st.datetimes().map(str), st.lists(st.integers())),
    ),
)
def test_nothing_makes_it_fail(template: str, parameters: dict[str, Any]) -> None:
    assert render_message(template, parameters, "th")
