"""The pages' own module on work that never goes on twice at a time."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.support.node import NODE


def test_an_older_answer_never_comes_after_a_newer_one() -> None:
    command = [NODE, "--import", "./typescript.mjs", "in_turn.mjs"]
    run = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr.decode()
    assert json.loads(run.stdout) == {
        "mostAtOnce": 1,
        "askedMeanwhile": 1,
        "failed": "failed 1",
        "later": [2, 2],
        "last": 3,
    }
