"""What the backend keeps of a request that may come twice."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from backend.models import BackendTable


class IdempotentAnswer(BackendTable, table=True):
    """The answer (JSON) that the first request of this `scope` and `key` got, and the SHA-256 of its body in hex."""

    __tablename__ = "idempotent_answer"

    scope: str = Field(primary_key=True, max_length=32)
    key: str = Field(primary_key=True, max_length=128)
    body_hash: str = Field(max_length=64)
    answer: str = Field(sa_type=Text)
    created_at: int = Field(sa_type=BigInteger)
