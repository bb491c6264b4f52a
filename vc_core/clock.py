"""The clock that is passed in everywhere: a callable that gives seconds since 1970, so that tests can set the time."""

import time
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], int]


def system_clock() -> int:
    """Seconds since 1970 by the machine's clock."""
    return int(time.time())
