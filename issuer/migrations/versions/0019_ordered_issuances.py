"""Issuances of a renewal have ids that follow one another; those that are not signed yet are found by them."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0019_ordered_issuances"
down_revision = "0018_portraits"

_RECORDED = 1


def upgrade() -> None:
    """Gives what a run left behind, recorded and not signed, the id that the next run looks for."""
    connection = op.get_bind()
    left = sa.text("SELECT job_id, number FROM bulk_items WHERE state = :state")
    rename = sa.text("UPDATE issuances SET id = :new WHERE id = :old")
    for job_id, number in connection.execute(left, {"state": _RECORDED}).all():
        old = hashlib.sha256(f"{job_id}/{number}".encode("ascii")).hexdigest()[:32]
        connection.execute(rename, {"old": old, "new": f"{job_id[:22]}{number:010d}"})
