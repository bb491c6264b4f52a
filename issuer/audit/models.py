"""Tables of the record of what was done. The database refuses to change or delete its lines (migration 0013)."""

from sqlalchemy import BigInteger
from sqlmodel import Field

from issuer.models import IssuerTable


class AuditEntry(IssuerTable, table=True):
    """One line, as `issuer.audit.chain.AuditLine` has it, and its hash in hex digits."""

    __tablename__ = "audit_log"

    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    at: int = Field(sa_type=BigInteger, index=True)
    principal_id: str = Field(max_length=32, index=True)
    action: str = Field(max_length=40)
    record_id: str = Field(max_length=64, index=True)
    detail: str = Field(max_length=200)
    outcome: str = Field(max_length=40)
    hash: str = Field(max_length=64)


class AuditHead(IssuerTable, table=True):
    """The last line's number and hash: one row, which whoever appends holds until their transaction ends."""

    __tablename__ = "audit_head"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(sa_type=BigInteger)
    hash: str = Field(max_length=64)


class AuditBatch(IssuerTable, table=True):
    """A head of the chain that goes on the ledger in the log of this public name, as `issuer.audit.proof` has it.

    `root` is the head's, so that it need not be computed to be looked for.
    """

    __tablename__ = "audit_batches"

    log: str = Field(primary_key=True, max_length=200)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    line_number: int = Field(sa_type=BigInteger)
    line_hash: str = Field(max_length=64)
    blind: str = Field(max_length=64)
    root: str = Field(max_length=64)
