"""Both ways of reading a presentation of ours find the same: the pattern for its text, and the reader of any JSON."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ldp import ED25519, issue, present
from tests.support.verification import HOLDER, STRANGER
from tests.vc_core.formats.test_ldp_vc_text import SUITES, issued
from vc_core.crypto.keys import Signer
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats import ldp_vc_text, ldp_vp_text
from vc_core.formats.credential import UnverifiedPresentation
from vc_core.formats.data_integrity.cryptosuites import Cryptosuite
from vc_core.formats.ldp_vc import parse_ldp_vp
from vc_core.formats.ldp_vc_text import read_issued_text
from vc_core.formats.ldp_vp_text import read_presented_text

Read = UnverifiedPresentation | ReasonCode


def read(text: str) -> Read:
    try:
        return parse_ldp_vp(text)
    except Rejection as refusal:
        return refusal.code


def by_members(text: str) -> Read:
    """As JSON of any form is read: one space takes the text away from the pattern."""
    spaced = text.replace("{", "{ ", 1)
    assert read_presented_text(spaced) is None
    return read(spaced)


@given(issued(), st.none() | st.text("an/0ก ", min_size=1, max_size=9))
@settings(deadline=None, max_examples=60)
def test_what_is_presented_is_read_the_same_both_ways(credential: str, nonce: str | None) -> None:
    """Of credentials of all types, so that their nameless parts come in many orders."""
    text = present(credential, nonce=nonce)

    assert (read_presented_text(text) is None) == (read_issued_text(credential) is None)
    assert isinstance(read(text), UnverifiedPresentation)
    assert read(text) == by_members(text)


@pytest.mark.parametrize(("signer", "suite"), SUITES)
def test_texts_with_one_change_are_read_the_same_both_ways(signer: Any, suite: Cryptosuite) -> None:
    """Characters replaced, dropped, doubled, exchanged anywhere, the same in every run."""
    chance, text, fitting = random.Random(7), present(issue(signer, suite)), 0  # noqa: S311 - no secret
    letters = 'abzAZ019"\\{}[]:,.-_#%/ \n\x7fก\u2028é'
    for _ in range(400):
        place = chance.randrange(len(text))
        other = chance.choice([chance.choice(letters), "", text[place] * 2, text[chance.randrange(len(text))]])
        changed = text[:place] + other + text[place + 1 :]
        if read_presented_text(changed) is not None:
            fitting += 1
            assert read(changed) == by_members(changed), changed
    assert fitting > 20


OTHER_TEXTS = {
    "two credentials": ('"verifiableCredential":[{', '"verifiableCredential":[{},{'),
    "no credential": ('"verifiableCredential":[{', '"verifiableCredential":[],"x":[{'),
    "another holder": ('"holder":"did:key:zDn', '"holder":"did:key:zDm'),
    "another member": ('"holder":', '"id":"urn:x:1","holder":'),
    "another purpose": ('"proofPurpose":"authentication"', '"proofPurpose":"assertionMethod"'),
    "no domain": ('"domain":"', '"domains":"'),
    "an empty challenge": ('"challenge":"', '"challenge":"","x":"'),
    "a text that needs escapes": ('"domain":"', '"domain":"\\n'),
    "a lone surrogate": ('"domain":"', '"domain":"\ud800'),
    "a character that RDF escapes": ('"domain":"', '"domain":"\ufffe'),
    "a claim with one": ('"name":"', '"name":"\uffff'),
    "a suite over JSON": (
        '"proof":{"type":"DataIntegrityProof","cryptosuite":"ecdsa-rdfc',
        '"proof":{"type":"DataIntegrityProof","cryptosuite":"ecdsa-jcs',
    ),
    "something after it": ('"}}', '"}} '),
}


@pytest.mark.parametrize(("old", "new"), OTHER_TEXTS.values(), ids=OTHER_TEXTS)
def test_what_the_pattern_leaves_to_the_reader_of_json(old: str, new: str) -> None:
    """The last place that has it, which is the presentation's own proof or member."""
    before, found, after = present(issue()).rpartition(old)
    assert found
    changed = before + new + after

    assert read_presented_text(changed) is None
    assert read(changed) == by_members(changed)


def test_kinds_of_presentations_that_strangers_make_up_are_not_all_kept() -> None:
    """Each kind's template takes 120 KB with all its orders, and there are 24,000 kinds."""
    assert ldp_vp_text._template.cache_info().maxsize == 128
    assert ldp_vc_text._template.cache_info().maxsize == 256


@pytest.mark.parametrize("holder", [STRANGER, ED25519])
def test_who_is_not_the_holder_is_told_apart_by_the_reader_of_json(holder: Signer) -> None:
    text = present(issue(), holder=holder)

    assert read_presented_text(text) is None
    assert read(text) is ReasonCode.HOLDER_KEY


def test_a_holder_with_an_ed25519_key() -> None:
    text = present(issue(holder_key=ED25519.public_key), holder=ED25519)
    shown = read_presented_text(text)

    assert shown is not None
    assert shown.cryptosuite is Cryptosuite.EDDSA_RDFC_2022
    assert read(text) == by_members(text)
    assert read(present(issue(), HOLDER)) != read(text)
