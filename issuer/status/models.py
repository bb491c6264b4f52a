"""Tables of status lists, of what was published of them, and of the log of publications."""

from sqlalchemy import BigInteger, Integer, Text
from sqlmodel import Field, UniqueConstraint

from issuer.models import IssuerTable


class StatusListShard(IssuerTable, table=True):
    """One list of one issuer, a DID or an https URL.

    `allocated` counts its used entries, `revision` the changes to their statuses.
    """

    __tablename__ = "status_lists"
    __table_args__ = (UniqueConstraint("issuer", "shard"),)

    id: str = Field(primary_key=True, max_length=32)
    issuer: str = Field(max_length=100)
    shard: int
    allocated: int = 0
    revision: int = 0


class EndedEntitlement(IssuerTable, table=True):
    """That nothing of a credential type (by name) is issued to a person until an officer offers it anew."""

    __tablename__ = "ended_entitlements"

    person_id: str = Field(primary_key=True, max_length=32, foreign_key="people.id")
    credential_type: str = Field(primary_key=True, max_length=50)
    ended_at: int = Field(sa_type=BigInteger)


class StatusPublication(IssuerTable, table=True):
    """A list in one form as it was signed and published, never changed. `revision` is the list's at that time."""

    __tablename__ = "status_publications"

    list_id: str = Field(primary_key=True, max_length=32, foreign_key="status_lists.id")
    form: str = Field(primary_key=True, max_length=20)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    revision: int
    signed: str = Field(sa_type=Text)
    issued_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)


class StatusLogEntry(IssuerTable, table=True):
    """That a version was published, and its SHA-256 in hex digits; kept when the version itself has gone.

    `batch` is the batch whose root stands for this entry on the ledger, None before there is one.
    """

    __tablename__ = "status_log"
    __table_args__ = (UniqueConstraint("list_id", "form", "version"),)

    id: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer(), "sqlite"),
    )
    list_id: str = Field(max_length=32)
    form: str = Field(max_length=20)
    version: int
    issued_at: int = Field(sa_type=BigInteger)
    sha256: str = Field(max_length=64)
    batch: int | None = Field(default=None, index=True)


class StatusBatch(IssuerTable, table=True):
    """Entries of the log that go on the ledger under one Merkle root (hex digits)."""

    __tablename__ = "status_batches"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    root: str = Field(max_length=64)
    size: int
