"""Both ways of reading a credential of ours find the same: the pattern for its text, and the reader of any JSON."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ldp import ED25519, STATUS, issue
from tests.support.verification import HOLDER, ISSUER, ISSUER_METHOD, NOW, CountedBytes
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import Claim, ClaimKind, CredentialType, StatusPolicy
from vc_core.crypto.keys import Signer
from vc_core.encoding import parse_json_object
from vc_core.errors import Rejection
from vc_core.formats.credential import UnverifiedCredential
from vc_core.formats.data_integrity import Cryptosuite, ProofPurpose, sign_document
from vc_core.formats.ldp_vc import create_ldp_vc, parse_ldp_vc
from vc_core.formats.ldp_vc_text import read_issued_text

SUITES: list[tuple[Signer, Cryptosuite]] = [
    (ISSUER, Cryptosuite.ECDSA_RDFC_2019),
    (ED25519, Cryptosuite.EDDSA_RDFC_2022),
    (ED25519, Cryptosuite.EDDSA_JCS_2022),
]
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


def by_members(text: str) -> UnverifiedCredential | None:
    """As JSON of any form is read: one space takes the text away from the pattern."""
    spaced = text.replace("{", "{ ", 1)
    assert read_issued_text(spaced) is None
    return read(spaced)


def read(text: str) -> UnverifiedCredential | None:
    try:
        return parse_ldp_vc(text)
    except Rejection:
        return None


def value_of(claim: Claim) -> st.SearchStrategy[Any]:
    if claim.choices is not None:
        return st.sampled_from(sorted(claim.choices))
    if claim.pattern is not None:
        return st.from_regex(claim.pattern, fullmatch=True)
    return {ClaimKind.TEXT: TEXT, ClaimKind.DATE: st.dates().map(str), ClaimKind.INTEGER: st.integers(0, 2**53 - 1)}[
        claim.kind
    ]


@st.composite
def issued(draw: st.DrawFn) -> str:
    credential_type: CredentialType = draw(st.sampled_from(list(CREDENTIAL_TYPES.values())))
    required = {claim.name: value_of(claim) for claim in credential_type.whole_claims() if claim.required}
    optional = {claim.name: value_of(claim) for claim in credential_type.whole_claims() if not claim.required}
    drawn = draw(st.fixed_dictionaries(required, optional=optional))
    signer, suite = draw(st.sampled_from(SUITES))
    return create_ldp_vc(
        credential_type,
        {claim.name: drawn[claim.name] for claim in credential_type.whole_claims() if claim.name in drawn},
        verification_method=ISSUER_METHOD,
        signer=signer,
        issued_at=NOW - draw(st.integers(0, 10**6)),
        expires_at=NOW + 1000,
        status=STATUS if credential_type.status_policy is StatusPolicy.REQUIRED else (),
        holder_key=HOLDER.public_key,
        randomness=CountedBytes(),
        cryptosuite=suite,
    )


@given(issued())
@settings(deadline=None, max_examples=150)
def test_what_is_issued_is_read_the_same_both_ways(text: str) -> None:
    credential, by_pattern = by_members(text), read(text)

    assert credential is not None
    assert by_pattern == credential


@pytest.mark.parametrize(("signer", "suite"), SUITES)
def test_our_own_text_takes_the_short_way(signer: Any, suite: Cryptosuite) -> None:
    text = issue(signer, suite)
    found = read_issued_text(text)

    assert found is not None
    proof = parse_json_object(text)["proof"]
    assert (found.cryptosuite, found.proof_value) == (proof["cryptosuite"], proof["proofValue"])
    assert read(text) == by_members(text)


@pytest.mark.parametrize(("signer", "suite"), SUITES)
def test_texts_with_one_change_are_read_the_same_both_ways(signer: Any, suite: Cryptosuite) -> None:
    """Characters replaced, dropped, doubled, exchanged anywhere: 1,500 texts of each suite, the same in every run."""
    chance, text = random.Random(7), issue(signer, suite)  # noqa: S311 - no secret
    letters = 'abzAZ019"\\{}[]:,.-_#%/ \n\x7fก\u2028é'
    for _ in range(1500):
        place = chance.randrange(len(text))
        other = chance.choice([chance.choice(letters), "", text[place] * 2, text[chance.randrange(len(text))]])
        changed = text[:place] + other + text[place + 1 :]
        if read_issued_text(changed) is not None:
            assert read(changed) == by_members(changed), changed


MEMBERS = {
    "a member twice": ('"issuer":', '"issuer":"did:example:a","issuer":'),
    "a claim twice": ('"scheme":', '"scheme":"UCS","scheme":'),
    "a claim of no type": ('"scheme":', '"blood_type":"A","scheme":'),
    "an escape": ('"InsuranceCoverage"]', '"Insurance\\u0043overage"]'),
    "an empty text": ('"scheme":"8401"', '"scheme":""'),
    "a long text": ('"scheme":"8401"', '"scheme":"' + "x" * 201 + '"'),
    "a day that is none": ('"2026-12-31"', '"2026-02-30"'),
    "a leading zero": ('"birth_year":1988', '"birth_year":01988'),
    "a minus zero": ('"birth_year":1988', '"birth_year":-0'),
    "a fraction": ('"birth_year":1988', '"birth_year":1988.0'),
    "a long number": ('"birth_year":1988', '"birth_year":9007199254740993'),
    "other digits": ('"birth_year":1988', '"birth_year":١٩٨٨'),
    "a number in words": ('"birth_year":1988', '"birth_year":"1988"'),
    "contexts in a proof over RDF": (
        '"proofValue"',
        '"@context":["https://www.w3.org/ns/credentials/v2"],"proofValue"',
    ),
    "the longest text, of more bytes": ('"scheme":"8401"', '"scheme":"' + "ก" * 200 + '"'),
    "a lone surrogate": ('"scheme":"8401"', '"scheme":"\ud800"'),
    "a character that RDF escapes": ('"scheme":"8401"', '"scheme":"\uffff"'),
    "a day that few years have": ('"2026-12-31"', '"2028-02-29"'),
    "a year that none have": ('"2026-12-31"', '"0000-12-31"'),
    "a time that no calendar begins with": ('"created":"2', '"created":"1'),
    "a list that is not at an https address": ("https://office.example", "urn:office.example"),
    "an entry whose name is another one's": ('#1234","type"', '#1235","type"'),
    "another purpose": ('"assertionMethod"', '"authentication"'),
    "a key of somebody else's": (f'"verificationMethod":"{ISSUER_METHOD}"', '"verificationMethod":"did:example:a#1"'),
}


@pytest.mark.parametrize(("old", "new"), MEMBERS.values(), ids=MEMBERS)
def test_what_the_pattern_leaves_to_the_reader_of_json(old: str, new: str) -> None:
    text = issue()
    assert old in text
    changed = text.replace(old, new, 1)

    assert read_issued_text(changed) is None
    assert read(changed) == by_members(changed)


@pytest.mark.parametrize(("signer", "suite"), SUITES)
@pytest.mark.parametrize("lists", [("b", "a"), ("a", "a"), ("a-", "a")])
def test_entries_in_another_order_than_that_of_their_names(
    signer: Signer, suite: Cryptosuite, lists: tuple[str, str]
) -> None:
    """RDF has them in the order of their names, brackets included; JSON in that of the document."""
    status = [
        replace(old, uri=f"https://x.example/{name}", index=n)
        for n, (old, name) in enumerate(zip(STATUS, lists, strict=True), 1)
    ]
    text = issue(signer, suite, status=status)

    assert read_issued_text(text) is not None
    assert read(text) == by_members(text)


def test_a_status_entry_without_a_name_of_its_own() -> None:
    document = json.loads(issue())
    first, second = document["credentialStatus"]
    others: list[list[dict[str, Any]]] = [
        [first, {**second, "id": first["id"]}],
        [{**first, "id": first["statusListCredential"]}, second],
        [{**first, "id": document["id"]}, second],
        [second, first],
        [first],
    ]
    for entries in others:
        text = json.dumps({**document, "credentialStatus": entries}, ensure_ascii=False, separators=(",", ":"))
        assert read_issued_text(text) is None
        assert read(text) == by_members(text)


@pytest.mark.parametrize("cryptosuite", [Cryptosuite.EDDSA_RDFC_2022, Cryptosuite.EDDSA_JCS_2022])
def test_a_credential_is_signed_as_any_document_is(cryptosuite: Cryptosuite) -> None:
    """Ed25519 has one signature for one message."""
    text = issue(ED25519, cryptosuite)
    document = {name: value for name, value in json.loads(text).items() if name != "proof"}
    signed = sign_document(
        document,
        cryptosuite=cryptosuite,
        signer=ED25519,
        verification_method=ISSUER_METHOD,
        purpose=ProofPurpose.ASSERTION_METHOD,
        created=NOW - 1000,
    )
    assert text == json.dumps(signed, ensure_ascii=False, separators=(",", ":"))
