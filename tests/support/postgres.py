"""A PostgreSQL server for tests, from the binaries on PATH or in Debian's place. It is as real as any, and private."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
from pathlib import Path

import psycopg
from sqlalchemy import text

from vc_core.web.database import Database

_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


def find_server_binaries() -> Path | None:
    """The folder that holds `initdb` and `postgres`, or None where no server is installed."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


class PostgresServer:
    """One cluster in a folder, reached over a socket there. Started as another user where the tests run as root.

    The folder's path must be short (a socket's path has 107 bytes at most) and open to that other user.
    """

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries = binaries
        self._user = _unprivileged_user()
        self._home = folder
        self._data = folder / "data"

    def start(self) -> None:
        """Makes the cluster and starts it."""
        if self._user:
            shutil.chown(self._home, self._user)
        self._run("initdb", "-D", str(self._data), "-U", "sabai", "--auth=trust", "-E", "UTF8", "--no-locale", "-N")
        # The machine itself does not fail during tests, only processes do: nothing needs to wait for the disk.
        durability = "-c fsync=off -c full_page_writes=off"
        options = f"-k {self._home} -c listen_addresses='' -c max_connections=200 {durability}"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._home / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stops the server."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "stop")

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database on this server."""
        return f"postgresql+psycopg://sabai@/{database}?host={self._home}"

    def create_database(self, name: str) -> None:
        """An empty database."""
        self._execute(f'CREATE DATABASE "{name}"')

    def drop_database(self, name: str) -> None:
        """Away with it, whoever is still connected."""
        self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(f"host={self._home} user=sabai dbname=postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        if self._user:
            command = ["setpriv", f"--reuid={self._user}", f"--regid={self._user}", "--clear-groups", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self._home)


def _unprivileged_user() -> str | None:
    """Whom to be when the tests run as root, since PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return None


async def until_waiting(database: Database, count: int = 1) -> None:
    """Returns when so many transactions wait for others."""
    waiting = 0
    async with asyncio.timeout(60):
        while waiting < count:
            async with database.transaction() as session:  # of its own each time: one shows the processes of its start
                waiting = (await (await session.connection()).execute(_WAITING)).scalar_one()
