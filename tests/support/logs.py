"""What services log, for tests to look through."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from vc_core.web.logs import configure_logging


@contextmanager
def all_logs() -> Iterator[None]:
    """Logs as the service does, to standard error, at the level that logs most."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    configure_logging(logging.DEBUG)
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
