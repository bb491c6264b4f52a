"""What the verifier keeps of trust bundles, beside what it takes from them into the mirrored registry."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlmodel import Field

from verifier.models import VerifierTable


class ImportedBundle(VerifierTable, table=True):
    """The newest bundle of a signer that was imported: none older is taken any more."""

    __tablename__ = "imported_bundle"

    signer: str = Field(primary_key=True, max_length=255)
    sequence: int = Field(sa_type=BigInteger)
    digest: bytes = Field(max_length=32)
    head_number: int = Field(sa_type=BigInteger)
    issued_at: int = Field(sa_type=BigInteger)
    imported_at: int = Field(sa_type=BigInteger)
