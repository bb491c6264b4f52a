"""The wallet's own module on what a backup holds: the history too, each share once, as many as a vault keeps."""

from __future__ import annotations

import json

from tests.web.typescript import run_in_node


def test_a_backup_brings_the_history_once_and_an_old_one_without_it_is_read() -> None:
    found = json.loads(run_in_node("backed_up.mjs"))
    assert found["same"] == [1, 2]
    assert found["old"] == {"credentials": [], "history": []}
    assert found["merged"] == [[1, None], [2, None], [3, None], [3, "A hospital"]]
    assert found["hostile"] == ["<script>alert(1)</script>"], "text, which the screen shows as text"
    assert found["notShares"] == []
    assert found["kept"] == list(range(1, 201))
