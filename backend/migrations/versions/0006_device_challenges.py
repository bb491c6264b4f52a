"""Device challenges are known by a MAC; only those that were used are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Phones whose challenge waits now ask for another."""
    op.drop_table("device_challenge")
    op.create_table(
        "device_challenge_secret",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "used_device_challenge",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_used_device_challenge_expires_at", "used_device_challenge", ["expires_at"])
