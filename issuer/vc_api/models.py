"""The table of what the VC API issued and can take back. The credential itself is not kept."""

from sqlalchemy import BigInteger
from sqlmodel import Field, UniqueConstraint

from issuer.models import IssuerTable


class GeneralCredential(IssuerTable, table=True):
    """One credential with a status, there before it is signed; its list is one of the VC API's own DID.

    `credential_hash` is of the id that whoever asked has for it, in hex digits; None where it has none. `revocable` and
    `suspendable` say which entries the credential names; `status` is a value of `vc_core.formats.status_list.Status`.
    """

    __tablename__ = "general_credentials"
    __table_args__ = (UniqueConstraint("list_id", "status_index"),)

    id: str = Field(primary_key=True, max_length=32)
    credential_hash: str | None = Field(default=None, max_length=64, index=True)
    list_id: str = Field(max_length=32, foreign_key="status_lists.id")
    status_index: int
    revocable: bool
    suspendable: bool
    status: int = 0
    issued_at: int = Field(sa_type=BigInteger)
