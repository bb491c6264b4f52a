"""What the embedded chain keeps: one SQLite file with py-evm's key-value pairs, an index of the logs, and what chain
it is; a lock beside it lets one process in.

Everything that a block writes goes in one SQLite transaction, which `synchronous=FULL` puts on the disk before the
block is acknowledged. The lock is the operating system's (`flock`), so a killed process leaves none behind.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from eth.db.backends.base import BaseDB

from vc_core.errors import LedgerLocked, LedgerUnavailable, WrongChain
from vc_core.ledger.protocol import Log

_SCHEMA = """
CREATE TABLE IF NOT EXISTS pairs (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS logs (
  address BLOB NOT NULL, block_number INTEGER NOT NULL, log_index INTEGER NOT NULL,
  block_timestamp INTEGER NOT NULL, topics BLOB NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (address, block_number, log_index)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chain (chain_id INTEGER NOT NULL, rules TEXT NOT NULL);
"""


class KeyValueTable(BaseDB):
    """py-evm's key-value interface over the table `pairs`; the transaction around it is the store's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __getitem__(self, key: bytes) -> bytes:
        row = self._connection.execute("SELECT value FROM pairs WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(key)
        value: bytes = row[0]
        return value

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._connection.execute("INSERT OR REPLACE INTO pairs VALUES (?, ?)", (key, value))

    def __delitem__(self, key: bytes) -> None:
        if self._connection.execute("DELETE FROM pairs WHERE key = ?", (key,)).rowcount == 0:
            raise KeyError(key)

    def _exists(self, key: bytes) -> bool:
        return self._connection.execute("SELECT 1 FROM pairs WHERE key = ?", (key,)).fetchone() is not None


class EmbeddedStore:
    """The file of one embedded chain, locked for this process until `close`."""

    def __init__(self, path: Path, *, chain_id: int, rules: str) -> None:
        """Raises `LedgerLocked`, `WrongChain`, or `LedgerUnavailable` where the file can't be used."""
        self._lock = _lock_file(path.with_name(path.name + ".lock"))
        try:
            self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            try:
                self._prepare(chain_id, rules)
            except BaseException:
                self.connection.close()
                raise
        except sqlite3.Error as cause:
            self._lock.close()
            raise LedgerUnavailable("the file of the embedded chain can't be used") from cause
        except BaseException:
            self._lock.close()
            raise
        self.pairs = KeyValueTable(self.connection)

    def _prepare(self, chain_id: int, rules: str) -> None:
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.executescript("BEGIN;" + _SCHEMA + "COMMIT;")
        with self.transaction():
            row = self.connection.execute("SELECT chain_id, rules FROM chain").fetchone()
            if row is None:
                self.connection.execute("INSERT INTO chain VALUES (?, ?)", (chain_id, rules))
            elif row != (chain_id, rules):
                raise WrongChain("the file holds another chain than the one asked for")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is on the disk at the end, or none of it after an error."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def append_logs(self, logs: Sequence[Log]) -> None:
        """Adds a block's logs, inside the block's transaction."""
        self.connection.executemany(
            "INSERT INTO logs VALUES (?, ?, ?, ?, ?, ?)",
            [
                (log.address, log.block_number, log.log_index, log.block_timestamp, b"".join(log.topics), log.data)
                for log in logs
            ],
        )

    def load_logs(self, addresses: Sequence[bytes], from_block: int, to_block: int) -> list[Log]:
        """The logs of these contracts in these blocks, both included, in the chain's order."""
        logs = [
            Log(address, _split_topics(topics), data, block_number, block_timestamp, log_index)
            for address in set(addresses)
            for block_number, block_timestamp, log_index, topics, data in self.connection.execute(
                "SELECT block_number, block_timestamp, log_index, topics, data FROM logs"
                " WHERE address = ? AND block_number BETWEEN ? AND ?",
                (address, from_block, to_block),
            )
        ]
        return sorted(logs, key=lambda log: (log.block_number, log.log_index))

    def load_log_addresses(self) -> list[bytes]:
        """The contracts that have emitted anything."""
        return [address for (address,) in self.connection.execute("SELECT DISTINCT address FROM logs")]

    def close(self) -> None:
        """Closes the file and lets others in."""
        self.connection.close()
        self._lock.close()


def _split_topics(topics: bytes) -> tuple[bytes, ...]:
    return tuple(topics[start : start + 32] for start in range(0, len(topics), 32))


def _lock_file(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("ab")
    except OSError as cause:
        raise LedgerUnavailable("the folder of the embedded chain can't be used") from cause
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as cause:
        lock.close()
        raise LedgerLocked("another process has the embedded chain open") from cause
    return lock
