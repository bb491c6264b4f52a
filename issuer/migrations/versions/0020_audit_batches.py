"""Heads of the audit log that go on the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0020_audit_batches"
down_revision = "0019_ordered_issuances"


def upgrade() -> None:
    """Makes their table."""
    op.create_table(
        "audit_batches",
        sa.Column("log", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line_number", sa.BigInteger(), nullable=False),
        sa.Column("line_hash", sa.String(length=64), nullable=False),
        sa.Column("blind", sa.String(length=64), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("log", "number"),
    )
