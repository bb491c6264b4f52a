"""An operator with a data folder of their own, copied from one that is made once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.clock import SetClock
from tests.support.registry_terminal import Operator, create_data_folder

NOW = 1_790_000_000


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder to copy, never to write to."""
    folder = tmp_path_factory.mktemp("registry") / "data"
    asyncio.run(create_data_folder(folder, SetClock(NOW)))
    return folder


@pytest.fixture
def operator(data_folder: Path, tmp_path: Path) -> Operator:
    """An operator, an hour after the registry was made."""
    return Operator.create(data_folder, tmp_path, SetClock(NOW + 3600))
