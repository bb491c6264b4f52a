"""Tables of bulk issuance: jobs, what each has to issue, and what waits for wallets to fetch it."""

from enum import IntEnum

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field

from issuer.models import IssuerTable

_OPEN = text("finished_at IS NULL")


class ItemState(IntEnum):
    """How far an item is. It only ever goes up, by one conditional UPDATE."""

    PLANNED = 0
    RECORDED = 1
    SIGNED = 2
    REFUSED = 3


class BulkJob(IssuerTable, table=True):
    """One renewal of one credential type (by name). There is at most one at a time that has not finished."""

    __tablename__ = "bulk_jobs"
    __table_args__ = (
        Index("ix_bulk_jobs_open", "credential_type", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: str = Field(primary_key=True, max_length=32)
    credential_type: str = Field(max_length=50)
    total: int
    created_at: int = Field(sa_type=BigInteger)
    finished_at: int | None = Field(default=None, sa_type=BigInteger)


class BulkItem(IssuerTable, table=True):
    """One credential that a job issues: to whom, in which configuration, to which key (a JWK in JSON)."""

    __tablename__ = "bulk_items"
    __table_args__ = (Index("ix_bulk_items_state", "job_id", "state", "number"),)

    job_id: str = Field(primary_key=True, max_length=32, foreign_key="bulk_jobs.id")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    person_id: str = Field(max_length=32, foreign_key="people.id")
    configuration_id: str = Field(max_length=100)
    holder_thumbprint: str = Field(max_length=43)
    holder_jwk: str = Field(max_length=200)
    state: int = 0


class WaitingCredential(IssuerTable, table=True):
    """A credential that was signed ahead and waits for the wallet with the key of this thumbprint to fetch it.

    It says nothing that the roster does not, and nobody but that wallet can present it.
    """

    __tablename__ = "waiting_credentials"

    issuance_id: str = Field(primary_key=True, max_length=32, foreign_key="issuances.id")
    holder_thumbprint: str = Field(max_length=43, index=True)
    credential: str = Field(sa_type=Text)
    expires_at: int = Field(sa_type=BigInteger, index=True)
    fetched_at: int | None = Field(default=None, sa_type=BigInteger)
