"""The wallet's own module on the portraits of `vc_core`'s tests: what the phone keeps is what the office may make."""

from __future__ import annotations

import base64
import json

from tests.support.portraits import portrait_claim
from tests.vc_core.credential_types.test_portrait import AFTER_JFIF, NO_PORTRAITS, TEXTS_WITHOUT
from tests.web.typescript import run_in_node
from vc_core.credential_types.portrait import PREFIX


def kept_by_the_page(claims: list[str]) -> list[bool]:
    """Of each, in Node."""
    return list(json.loads(run_in_node("portraits.mjs", json.dumps(claims).encode())))


def claim_of(jpeg: bytes) -> str:
    return PREFIX + base64.b64encode(jpeg).decode("ascii")


def test_the_page_keeps_what_is_a_portrait_and_nothing_else() -> None:
    good = [portrait_claim(), claim_of(AFTER_JFIF)]
    bad = [*map(claim_of, NO_PORTRAITS), *TEXTS_WITHOUT]
    assert kept_by_the_page(good + bad) == [True] * len(good) + [False] * len(bad)
