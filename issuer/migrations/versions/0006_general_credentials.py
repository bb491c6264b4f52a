"""What the VC API issued and can take back."""

import sqlalchemy as sa
from alembic import op

revision = "0006_general"
down_revision = "0005_types"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "general_credentials",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("credential_hash", sa.String(length=64), nullable=True),
        sa.Column("list_id", sa.String(length=32), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("revocable", sa.Boolean(), nullable=False),
        sa.Column("suspendable", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["status_lists.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("list_id", "status_index"),
    )
    op.create_index("ix_general_credentials_credential_hash", "general_credentials", ["credential_hash"])
