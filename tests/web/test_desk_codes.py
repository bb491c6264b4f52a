"""The wallet's own modules on the vectors of `vc_core`: what the phone reads and makes is what the desk takes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from tests.mutants.challenge_answer import check as check_answer
from tests.mutants.printed_card import check as check_card
from tests.support.desk_forge import DESK_KEY, PIN
from tests.web.typescript import run_in_node
from vc_core.formats.desk_challenge import parse_answer
from vc_core.formats.printed_card import parse_printed_card, verify_pin

HERE = Path(__file__).parent
VECTORS = HERE.parent / "vectors" / "qr-pass" / "desk.json"
DESK: dict[str, Any] = json.loads(VECTORS.read_bytes())


@cache
def made() -> dict[str, Any]:
    """What the modules make of the vectors, in Node, whose cryptography is the browser's by its interface."""
    return dict(json.loads(run_in_node("desk_codes.mjs", VECTORS.read_bytes())))


def test_it_reads_the_same_challenges() -> None:
    means = [{name: value for name, value in each["means"].items() if name != "key"} for each in DESK["challenges"]]
    assert made()["challenges"] == means


def test_it_lets_no_bad_one_pass() -> None:
    assert made()["let_pass"] == []


def test_it_names_only_whom_its_list_has() -> None:
    assert (made()["known"], made()["unknown"]) == ("Riverside Hospital", None)
    assert made()["of_an_old_list"] == "ChallengeOver"


async def test_its_answer_is_taken() -> None:
    await check_answer(made()["answer"])
    answer, ours = parse_answer(made()["answer"]), parse_answer(DESK["answer"]["text"])
    assert answer.open(DESK_KEY).digest == ours.open(DESK_KEY).digest


async def test_its_card_is_taken_with_the_pin() -> None:
    await check_card(made()["card"])
    card, ours = parse_printed_card(made()["card"]), parse_printed_card(DESK["card"]["text"])
    assert (card.digest, made()["card_expires_at"]) == (ours.digest, DESK["card"]["expires_at"])
    assert card.printed is not None
    verify_pin(card.printed, PIN)
