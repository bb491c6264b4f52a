"""Tables of status lists and of their published versions."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, UniqueConstraint

from issuer.models import IssuerTable


class StatusListShard(IssuerTable, table=True):
    """One list of one issuing DID. `allocated` counts its used entries, `revision` the changes to their statuses."""

    __tablename__ = "status_lists"
    __table_args__ = (UniqueConstraint("issuer", "shard"),)

    id: str = Field(primary_key=True, max_length=32)
    issuer: str = Field(max_length=100)
    shard: int
    allocated: int = 0
    revision: int = 0


class StatusListVersion(IssuerTable, table=True):
    """A list as it was signed and published, never changed. `revision` is the list's at that time."""

    __tablename__ = "status_list_versions"

    list_id: str = Field(primary_key=True, max_length=32, foreign_key="status_lists.id")
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    revision: int
    token: str = Field(sa_type=Text)
    issued_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
