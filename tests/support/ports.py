"""Ports for processes that must be told theirs before they start."""

from __future__ import annotations

import os
import random

from sabai.servers import listen
from vc_core.errors import SettingsError

_GIVEN_OUT_BY_THE_KERNEL = 32_768
"""Where Linux begins to pick ports for whoever asks for none, listeners and callers alike."""
_WORKERS = 16


def _own_ports() -> list[int]:
    """This process's share: of those that run tests at the same time, each has another, none uses a port twice."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    own = range(10_000 + worker, _GIVEN_OUT_BY_THE_KERNEL, _WORKERS)
    return random.sample(own, len(own))


_ports = iter(_own_ports())


def free_port() -> int:
    """A port of this machine that nobody listens on, and that nobody is given by chance until it is used."""
    for port in _ports:
        try:
            listen("127.0.0.1", port).close()
        except SettingsError:
            continue
        return port
    raise RuntimeError("no port of this machine is free")
