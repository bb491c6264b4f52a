"""What the sessions of any order are drawn from."""

from __future__ import annotations

import os
import secrets


def session_seed() -> int:
    """`SABAI_SEED`, or else another number each time; in CI always the same one, which is printed as well.

    There a change is judged by what it does, not by what chance finds in that hour; Hypothesis does so by itself.
    """
    number = int(os.environ.get("SABAI_SEED", 1 if "CI" in os.environ else secrets.randbits(32)))
    print(f"SABAI_SEED={number}")  # noqa: T201 - pytest shows it when the test fails
    return number
