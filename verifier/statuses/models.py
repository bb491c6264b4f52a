"""What the verifier keeps of status lists."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from verifier.models import VerifierTable


class SeenStatusList(VerifierTable, table=True):
    """The newest list ever seen, by issuer and address (`place` is SHA-256 of both), with the text it came in."""

    __tablename__ = "seen_status_list"

    place: bytes = Field(primary_key=True, max_length=32)
    uri: str = Field(sa_type=Text)
    token: str = Field(sa_type=Text)
    issued_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger, index=True)
