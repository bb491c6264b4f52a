"""The SQL of backups."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, text
from sqlmodel import col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.backups.models import Backup

# The primary key decides which of two first backups came first; a read before the write could not.
_ADD = text(
    "INSERT INTO backup (address_hash, secret_hash, version, ciphertext, created_at, written_on, writes) "
    "VALUES (:address_hash, :secret_hash, :version, :ciphertext, :created_at, :written_on, 1) ON CONFLICT DO NOTHING"
)


class BackupRepository:
    """Reads and writes backups, in one transaction; each is its owner's who has both address and secret."""

    def __init__(self, session: AsyncSession, *, address_hash: bytes, secret_hash: bytes) -> None:
        self._session = session
        self._address_hash = address_hash
        self._secret_hash = secret_hash

    async def load(self) -> Backup | None:
        """The backup, for its owner only."""
        return (await self._session.exec(select(Backup).where(*self._owned()))).one_or_none()

    async def replace(self, *, version: int, ciphertext: bytes, today: int, writes_a_day: int) -> bool:
        """Overwrites an older version; False where there is none of this owner, or it was written to enough today."""
        written = await self._session.exec(
            update(Backup)
            .where(*self._owned(), col(Backup.version) < version)
            .where((col(Backup.written_on) != today) | (col(Backup.writes) < writes_a_day))
            .values(
                version=version,
                ciphertext=ciphertext,
                written_on=today,
                writes=case((col(Backup.written_on) == today, col(Backup.writes) + 1), else_=1),
            )
        )
        return written.rowcount == 1

    async def add(self, *, version: int, ciphertext: bytes, now: int, today: int) -> bool:
        """Keeps the first backup of an address; False where there is one already."""
        connection = await self._session.connection()
        added = await connection.execute(
            _ADD,
            {
                "address_hash": self._address_hash,
                "secret_hash": self._secret_hash,
                "version": version,
                "ciphertext": ciphertext,
                "created_at": now,
                "written_on": today,
            },
        )
        return added.rowcount == 1

    async def count_since(self, moment: int) -> int:
        """How many addresses, of anybody, had their first backup since then."""
        count = select(func.count()).select_from(Backup).where(col(Backup.created_at) > moment)
        return (await self._session.exec(count)).one()

    async def delete(self) -> bool:
        """Deletes the backup; False where there is none of this owner."""
        return (await self._session.exec(delete(Backup).where(*self._owned()))).rowcount == 1

    def _owned(self) -> tuple[Any, Any]:
        return (col(Backup.address_hash) == self._address_hash, col(Backup.secret_hash) == self._secret_hash)
