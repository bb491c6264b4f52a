"""Challenges for phones without a network, and the PINs of printed cards."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Creates the tables, and the audit log's column."""
    op.create_table(
        "issued_challenge",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("audience", sa.String(255), nullable=False),
        sa.Column("nonce", sa.String(32), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key_id"),
    )
    op.create_index("ix_issued_challenge_expires_at", "issued_challenge", ["expires_at"])
    op.create_table(
        "pin_try",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "day"),
    )
    op.add_column("check_record", sa.Column("assurance", sa.String(16), nullable=True))
