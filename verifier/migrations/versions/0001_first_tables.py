"""The first tables: the registry's mirror, seen presentations, and the audit log of checks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "registry_events",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_table(
        "registry_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("did_registry", sa.String(42), nullable=False),
        sa.Column("trust_registry", sa.String(42), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.String(66), nullable=False),
        sa.Column("block_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("synced_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "seen_presentation",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("fresh_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_seen_presentation_fresh_until", "seen_presentation", ["fresh_until"])
    op.create_table(
        "check_record",
        sa.Column("check_id", sa.String(32), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("credential_type", sa.String(64), nullable=True),
        sa.Column("issuer", sa.String(255), nullable=True),
        sa.PrimaryKeyConstraint("check_id"),
    )
    op.create_index("ix_check_record_checked_at", "check_record", ["checked_at"])


def downgrade() -> None:
    """Drops the tables."""
    for table in ("check_record", "seen_presentation", "registry_head", "registry_events"):
        op.drop_table(table)
