"""A running town for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.support.clock import SetClock
from tests.support.town import Town, running_town


@pytest.fixture
async def town(tmp_path: Path, clock: SetClock, create_database_url: Callable[[str], str]) -> AsyncIterator[Town]:
    """All services, once on SQLite and once on PostgreSQL."""
    async with running_town(tmp_path, clock, create_database_url) as running:
        yield running
