"""Answers that a verifier must not take (security.md V4), each with its code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from vc_core.errors import ReasonCode, Rejection
from vc_core.protocols.dcql.answer import verify_answer
from vc_core.protocols.dcql.query import ClaimsQuery, CredentialQuery, CredentialSetQuery, DcqlQuery
from vc_core.protocols.dcql.query import TrustedAuthoritiesQuery as Authorities
from vc_core.protocols.dcql.selection import Candidate, select_credentials

QUERY = DcqlQuery(
    (
        CredentialQuery("identity", "dc+sd-jwt", ("Identity",), claims=(ClaimsQuery(("name",)),)),
        CredentialQuery(
            "coverage", "ldp_vc", type_values=(("Coverage",),), claims=(ClaimsQuery(("paid",), values=(True,)),)
        ),
        CredentialQuery("card", "dc+sd-jwt", ("Card",), multiple=True),
    ),
    (
        CredentialSetQuery((("identity", "coverage"), ("identity",))),
        CredentialSetQuery((("card",),), required=False),
    ),
)
IDENTITY = Candidate("", "dc+sd-jwt", frozenset({"Identity"}), {"name": "Maung Maung", "born": 1991})
COVERAGE = Candidate("", "ldp_vc", frozenset({"Coverage", "Credential"}), {"paid": True})
CARD = Candidate("", "dc+sd-jwt", frozenset({"Card"}), {})


def test_answers_that_are_taken() -> None:
    for answer in (
        {"identity": [IDENTITY]},
        {"identity": [IDENTITY], "coverage": [COVERAGE]},
        {"identity": [IDENTITY], "card": [CARD, CARD]},
    ):
        assert verify_answer(QUERY, answer).keys() == answer.keys()


def test_only_what_was_asked_for_is_named() -> None:
    (match,) = verify_answer(QUERY, {"identity": [IDENTITY]})["identity"]
    assert match.places() == (("name",),)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({}, ReasonCode.NOT_A_CREDENTIAL),
        ({"coverage": [COVERAGE]}, ReasonCode.NOT_A_CREDENTIAL),
        ({"identity": [IDENTITY], "other": [CARD]}, ReasonCode.MALFORMED),
        ({"identity": []}, ReasonCode.MALFORMED),
        ({"identity": [IDENTITY, IDENTITY]}, ReasonCode.MALFORMED),
        ({"identity": [CARD]}, ReasonCode.NOT_A_CREDENTIAL),
        ({"identity": [replace(IDENTITY, format="ldp_vc")]}, ReasonCode.NOT_A_CREDENTIAL),
        ({"identity": [replace(IDENTITY, claims={"born": 1991})]}, ReasonCode.NOT_A_CREDENTIAL),
        ({"identity": [replace(IDENTITY, holder_bound=False)]}, ReasonCode.HOLDER_KEY),
        ({"identity": [IDENTITY], "coverage": [replace(COVERAGE, claims={"paid": 1})]}, ReasonCode.NOT_A_CREDENTIAL),
        ({"identity": [IDENTITY], "coverage": [replace(COVERAGE, types=frozenset())]}, ReasonCode.NOT_A_CREDENTIAL),
    ],
)
def test_answers_that_are_not_taken(answer: dict[str, Any], code: ReasonCode) -> None:
    with pytest.raises(Rejection) as refused:
        verify_answer(QUERY, answer)
    assert refused.value.code is code


def test_half_of_an_optional_set_was_not_asked_for() -> None:
    query = replace(
        QUERY,
        credential_sets=(
            CredentialSetQuery((("identity",),)),
            CredentialSetQuery((("coverage", "card"),), required=False),
        ),
    )
    with pytest.raises(Rejection) as refused:
        verify_answer(query, {"identity": [IDENTITY], "coverage": [COVERAGE]})
    assert refused.value.code is ReasonCode.MALFORMED


def test_a_credential_of_no_named_authority_does_not_match() -> None:
    asked = CredentialQuery("a", "dc+sd-jwt", trusted_authorities=(Authorities("aki", ("k1", "k2")),))
    vouched = replace(IDENTITY, authorities=frozenset({("aki", "k2")}))
    held = [IDENTITY, replace(IDENTITY, authorities=frozenset({("etsi_tl", "k1")})), vouched]
    assert [each.credential for each in select_credentials(DcqlQuery((asked,)), held).matches["a"]] == [vouched]


def test_true_is_not_one() -> None:
    for claim, value in ((1, True), (True, 1), (1.0, 1), ("1", 1)):
        asked = CredentialQuery("a", "dc+sd-jwt", claims=(ClaimsQuery(("n",), values=(value,)),))
        assert not select_credentials(DcqlQuery((asked,)), [replace(IDENTITY, claims={"n": claim})]).matches["a"]
