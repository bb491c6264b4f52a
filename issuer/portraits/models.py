"""The table of portraits: apart from the people, whom long lists are made of."""

from sqlalchemy import BigInteger, LargeBinary
from sqlmodel import Field

from issuer.models import IssuerTable


class Portrait(IssuerTable, table=True):
    """The portrait of a person, as a JPEG that `vc_core.credential_types.portrait` takes."""

    __tablename__ = "portraits"

    person_id: str = Field(primary_key=True, max_length=32, foreign_key="people.id")
    jpeg: bytes = Field(sa_type=LargeBinary)
    updated_at: int = Field(sa_type=BigInteger)
