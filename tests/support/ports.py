"""Ports for processes that must be told theirs before they start."""

from __future__ import annotations

import random

from sabai.servers import listen

_GIVEN_OUT_BY_THE_KERNEL = 32_768
"""Where Linux begins to pick ports for whoever asks for none, listeners and callers alike."""


def free_port() -> int:
    """A port of this machine that nobody listens on, and that nobody is given by chance until it is used."""
    for port in random.sample(range(10_000, _GIVEN_OUT_BY_THE_KERNEL), 100):
        try:
            listen("127.0.0.1", port).close()
        except OSError:
            continue
        return port
    raise RuntimeError("no port of this machine is free")
