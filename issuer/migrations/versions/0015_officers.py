"""Officers, their passkeys, invitations and sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0015_officers"
down_revision = "0014_jobs"

_OFFICER = "officers.id"


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "officers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_signed_in_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "officer_passkeys",
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("admitted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], [_OFFICER]),
        sa.PrimaryKeyConstraint("credential_id"),
    )
    op.create_index("ix_officer_passkeys_officer_id", "officer_passkeys", ["officer_id"])
    op.create_table(
        "officer_invitations",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("invited_by", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], [_OFFICER]),
        sa.PrimaryKeyConstraint("code_hash"),
    )
    op.create_index("ix_officer_invitations_officer_id", "officer_invitations", ["officer_id"])
    op.create_index("ix_officer_invitations_expires_at", "officer_invitations", ["expires_at"])
    op.create_table(
        "officer_sessions",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("signed_in_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], [_OFFICER]),
        sa.PrimaryKeyConstraint("secret_hash"),
    )
    op.create_index("ix_officer_sessions_officer_id", "officer_sessions", ["officer_id"])
    op.create_index("ix_officer_sessions_signed_in_at", "officer_sessions", ["signed_in_at"])
    op.create_table(
        "used_passkey_challenges",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_used_passkey_challenges_expires_at", "used_passkey_challenges", ["expires_at"])
