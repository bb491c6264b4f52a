"""Whether docs/qr-pass.md is enough for challenges, answers and printed cards too: the stranger, over the vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import desk_stranger, desk_vectors, qr_stranger
from vc_core.errors import InvalidRequest
from vc_core.formats.desk_challenge import parse_challenge

VECTORS = Path(__file__).parents[2] / "vectors"
DESK = json.loads((VECTORS / "qr-pass" / "desk.json").read_bytes())
ANSWERS = json.loads((VECTORS / "mutants" / "challenge-answer.json").read_bytes())
CARDS = json.loads((VECTORS / "mutants" / "printed-card.json").read_bytes())


def verify_answer(text: str) -> dict[str, Any]:
    shown = qr_stranger.read_shown(desk_stranger.open_answer(text, ANSWERS["terms"]))
    return qr_stranger.verify(shown, ANSWERS["terms"], audience_needed=True)


def verify_card(text: str) -> dict[str, Any]:
    read = qr_stranger.read if text.startswith("SB1:") else desk_stranger.read_card
    return qr_stranger.verify(read(text), CARDS["terms"])


def test_the_file_is_what_the_script_writes() -> None:
    assert desk_vectors.written() == (VECTORS / "qr-pass" / "desk.json").read_text("ascii")


@pytest.mark.parametrize("vector", DESK["challenges"], ids=lambda vector: vector["name"])
def test_both_read_the_same_challenge(vector: dict[str, Any]) -> None:
    ours, theirs, means = parse_challenge(vector["text"]), desk_stranger.read_challenge(vector["text"]), vector["means"]
    challenge = ours.challenge
    assert challenge.key.to_jwk() == means["key"]
    assert (challenge.audience, challenge.nonce, challenge.expires_at) == (
        theirs["audience"],
        theirs["nonce"],
        theirs["expires_at"],
    )
    assert {**means, "key": None} == {
        "audience": challenge.audience,
        "nonce": challenge.nonce,
        "key": None,
        "key_id": challenge.key_id.hex(),
        "expires_at": challenge.expires_at,
        "signer": ours.verification_method,
    }
    assert (theirs["key_id"], theirs["signer"]) == (means["key_id"], means["signer"])
    if theirs["signed"] is not None:
        qr_stranger.check_signature(DESK["keys"]["desk_signs_with"], -7, theirs["signed"], "BAD_SIGNATURE")


@pytest.mark.parametrize("vector", DESK["bad_challenges"], ids=lambda vector: vector["name"])
def test_both_refuse_a_bad_challenge(vector: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        parse_challenge(vector["text"])
    with pytest.raises(qr_stranger.Refused):
        desk_stranger.read_challenge(vector["text"])


def test_the_stranger_opens_the_answer_and_accepts_it() -> None:
    assert verify_answer(ANSWERS["good"])["type"] == "InsuranceCoverage"
    assert desk_stranger.open_answer(DESK["answer"]["text"], ANSWERS["terms"]).hex() == DESK["answer"]["shown"]


@pytest.mark.parametrize("mutant", ANSWERS["mutants"], ids=lambda mutant: mutant["name"])
def test_the_stranger_refuses_an_answer_for_the_same_reason(mutant: dict[str, Any]) -> None:
    with pytest.raises(qr_stranger.Refused, match=f"^{mutant['code']}$"):
        verify_answer(mutant["text"])


def test_the_stranger_accepts_the_card_with_its_pin_only() -> None:
    card = verify_card(DESK["card"]["text"])
    assert card["printed_until"] == DESK["card"]["expires_at"]
    assert desk_stranger.is_pin(card, DESK["card"]["pin"])
    assert not desk_stranger.is_pin(card, "140327")


@pytest.mark.parametrize("mutant", CARDS["mutants"], ids=lambda mutant: mutant["name"])
def test_the_stranger_refuses_a_card_for_the_same_reason(mutant: dict[str, Any]) -> None:
    with pytest.raises(qr_stranger.Refused, match=f"^{mutant['code']}$"):
        verify_card(mutant["text"])
