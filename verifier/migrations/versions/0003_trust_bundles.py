"""What is kept of trust bundles: the newest imported, and the status lists that came with them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "imported_bundle",
        sa.Column("signer", sa.String(255), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("head_number", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("signer"),
    )
    op.create_table(
        "bundled_status_list",
        sa.Column("place", sa.LargeBinary(32), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
    )
    op.create_index("ix_bundled_status_list_expires_at", "bundled_status_list", ["expires_at"])


def downgrade() -> None:
    """Drops the tables."""
    for table in ("bundled_status_list", "imported_bundle"):
        op.drop_table(table)
