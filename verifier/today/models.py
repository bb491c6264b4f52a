"""The table of face comparisons."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlmodel import Field

from verifier.models import VerifierTable


class FaceComparison(VerifierTable, table=True):
    """Whether the person at the desk was the one on the document or the portrait: said once for a check, for good.

    The row is its own entry in the audit log: of which check, what was said, when, and by whom. `staff_id` is as in
    `CheckRecord`.
    """

    __tablename__ = "face_comparison"

    check_id: str = Field(primary_key=True, max_length=32, foreign_key="check_record.check_id")
    same_person: bool
    compared_at: int = Field(sa_type=BigInteger)
    staff_id: str | None = Field(default=None, max_length=32)
