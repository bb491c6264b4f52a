"""Fixtures that every test may use: a clock to set, and a fresh database of each kind."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.clock import SetClock
from tests.support.migrations import CopiedMigrations
from tests.support.postgres import PostgresServer, find_server_binaries
from tests.support.softhsm import SoftHsm, create_softhsm
from vc_core.web import database

# A busy machine is slow now and then, which says nothing about the code.
settings.register_profile("sabai", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sabai")

NOW = 1_790_000_000
"""2026-09-21 14:13:20 UTC: where `clock` starts."""


@pytest.fixture(scope="session", autouse=True)
def copied_migrations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """New databases are copies of one that was migrated."""
    with pytest.MonkeyPatch.context() as patch:
        copied = CopiedMigrations(database._migrate, tmp_path_factory.mktemp("migrated"))
        patch.setattr(database, "_migrate", copied)
        yield


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands still until the test moves it."""
    return SetClock(NOW)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server of the test run's own, on a socket in a temporary folder."""
    binaries = find_server_binaries()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL's server binaries are missing, and CI must not skip")
        pytest.skip("PostgreSQL's server binaries are not installed (Debian: apt-get install postgresql)")
    with tempfile.TemporaryDirectory(prefix="sabai-pg-") as folder:
        server = PostgresServer(binaries, Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def create_postgres_url(postgres_server: PostgresServer) -> Iterator[Callable[[], str]]:
    """Gives the SQLAlchemy URL of a fresh PostgreSQL database each time it is called."""
    names: list[str] = []

    def create() -> str:
        names.append("test_" + secrets.token_hex(8))
        postgres_server.create_database(names[-1])
        return postgres_server.url(names[-1])

    yield create
    for name in names:
        postgres_server.drop_database(name)


@pytest.fixture
def postgres_url(create_postgres_url: Callable[[], str]) -> str:
    """The SQLAlchemy URL of a fresh PostgreSQL database."""
    return create_postgres_url()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def create_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Gives the SQLAlchemy URL of a fresh database by name; once all on SQLite and once all on PostgreSQL."""
    if request.param == "postgres":
        create = request.getfixturevalue("create_postgres_url")
        return lambda _name: str(create())
    return lambda name: f"sqlite+aiosqlite:///{tmp_path / name}.sqlite"


@pytest.fixture
def database_url(create_database_url: Callable[[str], str]) -> str:
    """The SQLAlchemy URL of a fresh database, once on SQLite and once on PostgreSQL."""
    return create_database_url("service")


@pytest.fixture
def softhsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    """A hardware security module of the test's own, with one token, `issuer`."""
    hsm = create_softhsm(tmp_path / "hsm")
    monkeypatch.setenv("SOFTHSM2_CONF", str(hsm.configuration))
    hsm.restart()
    return hsm
