"""What the verifier keeps of a request: what was asked, until it is over, and what came of it, for a shift.

Of what a wallet presented only the verdict stays, with the claims that were needed. The exception is what the holder
signed on purpose: transaction data, with the presentation that signs it, is the hospital's proof and is kept as such.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, LargeBinary
from sqlmodel import Field

from verifier.models import VerifierTable


class PresentationRequest(VerifierTable, table=True):
    """A request. Secrets are as in `secrets.py`: `handle_hash`, `session_hash`, `response_code_hash`, `sealed_key`.
    `sealed_portrait` is told until `portrait_until`, which is soon after the desk is first told of it.

    `request` is the JSON of an `AskedRequest`, `result` that of `create_result`, once there is one; `error` is what the
    wallet answered instead. `staff_id` is the member who asked, as in `CheckRecord`.
    """

    __tablename__ = "presentation_request"

    id: str = Field(primary_key=True, max_length=32)
    handle_hash: str = Field(max_length=64, unique=True)
    policy: str = Field(max_length=64)
    state: str = Field(max_length=16)
    request: dict[str, Any] = Field(sa_type=JSON)
    sealed_key: bytes | None = Field(default=None, sa_type=LargeBinary)
    session_hash: str | None = Field(default=None, max_length=64)
    response_code_hash: str | None = Field(default=None, max_length=64)
    sealed_portrait: bytes | None = Field(default=None, sa_type=LargeBinary)
    portrait_until: int | None = Field(default=None, sa_type=BigInteger)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    error: str | None = Field(default=None, max_length=64)
    created_at: int = Field(sa_type=BigInteger, index=True)
    expires_at: int = Field(sa_type=BigInteger)
    staff_id: str | None = Field(default=None, max_length=32)


class SignedTransaction(VerifierTable, table=True):
    """What a holder signed by presenting: the transaction data as sent, and the presentation whose holder signed it."""

    __tablename__ = "signed_transaction"

    id: str = Field(primary_key=True, max_length=32)
    type: str = Field(max_length=64)
    transaction_data: str
    presentation: str
    signed_at: int = Field(sa_type=BigInteger, index=True)
