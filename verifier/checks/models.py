"""What the verifier keeps of a check: that a presentation was used, and what came of it. Never what was in it."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import BigInteger
from sqlmodel import Field

from verifier.models import VerifierTable


class SeenPresentation(VerifierTable, table=True):
    """A presentation that passed its checks; its digest (SHA-256) can't come by a second time until `fresh_until`."""

    __tablename__ = "seen_presentation"

    digest: bytes = Field(primary_key=True, max_length=32)
    fresh_until: int = Field(sa_type=BigInteger, index=True)


class CheckRecord(VerifierTable, table=True):
    """One line of the audit log. `issuer` is the DID, `credential_type` the type's name, where the check got that far.

    `staff_id` is the member who was signed in, null for a program or an open desk; `assurance` of what was accepted, an
    `Assurance`: whether its holder or a printed card was there. No personal data of the holder, and nothing that leads
    back to them: not the presentation, not its digest.
    """

    __tablename__ = "check_record"

    check_id: str = Field(default_factory=lambda: uuid4().hex, primary_key=True, max_length=32)
    checked_at: int = Field(sa_type=BigInteger, index=True)
    verdict: str = Field(max_length=16)
    code: str = Field(max_length=32)
    credential_type: str | None = Field(default=None, max_length=64)
    issuer: str | None = Field(default=None, max_length=255)
    staff_id: str | None = Field(default=None, max_length=32)
    assurance: str | None = Field(default=None, max_length=16)


class PinTry(VerifierTable, table=True):
    """How many PINs were said of a printed card on a day (days since 1970, in Thailand) that were not its own.

    The card is known by the digest (SHA-256) of what its holder signed.
    """

    __tablename__ = "pin_try"

    digest: bytes = Field(primary_key=True, max_length=32)
    day: int = Field(primary_key=True)
    tries: int
