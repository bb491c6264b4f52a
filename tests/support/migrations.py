"""New databases, migrated once for each service and copied from then on.

Migrating an empty database takes up to a second, and most tests begin with one. So the first database of a service is
migrated for real, in each process that runs tests, and what came of it is kept: as a file of SQLite, as a script of
PostgreSQL. A database that is not empty is always migrated for real.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import psycopg
from sqlalchemy import URL

from tests.support.postgres import find_server_binaries

Migrate: TypeAlias = Callable[[URL, Path], None]
_SERVICES = ("backend", "issuer", "verifier")
_ROOT = Path(__file__).parents[2]
_TABLES = b"SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


class CopiedMigrations:
    """Takes the place of `vc_core.web.database._migrate`, which it calls; `folder` is where it keeps files."""

    def __init__(self, migrate: Migrate, folder: Path) -> None:
        self._migrate = migrate
        self._folder = folder
        self._scripts: dict[Path, bytes] = {}
        self._lock = threading.Lock()

    def __call__(self, url: URL, migrations: Path) -> None:
        """Brings the schema to the newest version."""
        with self._lock:
            if migrations.parent.parent != _ROOT or migrations.parent.name not in _SERVICES:
                self._migrate(url, migrations)
            elif url.get_backend_name() == "sqlite":
                self._migrate_file(url, migrations)
            else:
                self._migrate_on_server(url, migrations)

    def _migrate_file(self, url: URL, migrations: Path) -> None:
        file = Path(url.database or "")
        if not url.database or (file.exists() and file.stat().st_size):
            self._migrate(url, migrations)
            return
        kept = self._folder / f"{migrations.parent.name}.sqlite"
        if not kept.exists():
            self._migrate(url.set(database=str(kept)), migrations)
        shutil.copyfile(kept, file)

    def _migrate_on_server(self, url: URL, migrations: Path) -> None:
        libpq = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(libpq) as connection:
            [count] = connection.execute(_TABLES).fetchone() or [1]
            if count == 0 and migrations in self._scripts:
                connection.execute(self._scripts[migrations])
                return
        self._migrate(url, migrations)
        if count == 0:
            binaries = find_server_binaries()
            assert binaries is not None
            command = [str(binaries / "pg_dump"), "--inserts", "--no-owner", libpq]
            script = subprocess.run(command, check=True, capture_output=True).stdout
            # Lines for the shell `psql` alone begin with a backslash.
            self._scripts[migrations] = b"\n".join(line for line in script.splitlines() if not line.startswith(b"\\"))
