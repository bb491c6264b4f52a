"""Requests for a health ID that signs a patient in."""

import sqlalchemy as sa
from alembic import op

revision = "0012_sign_in_presentations"
down_revision = "0011_authorization_page"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "sign_in_presentations",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("response_code_hash", sa.String(length=64), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("state_hash"),
        sa.UniqueConstraint("response_code_hash"),
    )
    op.create_index("ix_sign_in_presentations_expires_at", "sign_in_presentations", ["expires_at"])
