"""The wallet's own module on the portraits of `vc_core`'s tests: what the phone keeps is what the office may make."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path

from tests.support.node import NODE
from tests.support.portraits import portrait_claim
from tests.vc_core.credential_types.test_portrait import AFTER_JFIF, NO_PORTRAITS, TEXTS_WITHOUT
from vc_core.credential_types.portrait import PREFIX


def kept_by_the_page(claims: list[str]) -> list[bool]:
    """Of each, in Node."""
    command = [NODE, "--import", "./typescript.mjs", "portraits.mjs"]
    run = subprocess.run(
        command, cwd=Path(__file__).parent, input=json.dumps(claims).encode(), capture_output=True, check=False
    )
    assert run.returncode == 0, run.stderr.decode()
    return list(json.loads(run.stdout))


def claim_of(jpeg: bytes) -> str:
    return PREFIX + base64.b64encode(jpeg).decode("ascii")


def test_the_page_keeps_what_is_a_portrait_and_nothing_else() -> None:
    good = [portrait_claim(), claim_of(AFTER_JFIF)]
    bad = [*map(claim_of, NO_PORTRAITS), *TEXTS_WITHOUT]
    assert kept_by_the_page(good + bad) == [True] * len(good) + [False] * len(bad)
