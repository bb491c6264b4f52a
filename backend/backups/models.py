"""What the backend keeps of a backup: nothing that says whose it is."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlmodel import Field

from backend.models import BackendTable


class Backup(BackendTable, table=True):
    """A wallet's newest ciphertext. Hashes are SHA-256 of what the phone sends: a copy of the table changes nothing.

    `writes` counts what was written on `written_on`, in days since 1970.
    """

    __tablename__ = "backup"

    address_hash: bytes = Field(primary_key=True, max_length=32)
    secret_hash: bytes = Field(max_length=32)
    version: int = Field(sa_type=BigInteger)
    ciphertext: bytes
    created_at: int = Field(sa_type=BigInteger, index=True)
    written_on: int
    writes: int
