"""What the verifier keeps of a challenge: what it takes to open and check an answer, for a shift."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlmodel import Field

from verifier.models import VerifierTable


class IssuedChallenge(VerifierTable, table=True):
    """A challenge. `key_id` is by what answers name its key, in hex digits; `sealed_key` as in `requests/secrets.py`.

    That it was answered is not here: the first good answer leaves a `SeenPresentation` in its name.
    """

    __tablename__ = "issued_challenge"

    id: str = Field(primary_key=True, max_length=32)
    key_id: str = Field(max_length=16, unique=True)
    audience: str = Field(max_length=255)
    nonce: str = Field(max_length=32)
    sealed_key: bytes
    expires_at: int = Field(sa_type=BigInteger, index=True)
