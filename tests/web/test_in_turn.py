"""The pages' own module on work that never goes on twice at a time."""

from __future__ import annotations

import json

from tests.web.typescript import run_in_node


def test_an_older_answer_never_comes_after_a_newer_one() -> None:
    assert json.loads(run_in_node("in_turn.mjs")) == {
        "mostAtOnce": 1,
        "askedMeanwhile": 1,
        "failed": "failed 1",
        "later": [2, 2],
        "last": 3,
    }
