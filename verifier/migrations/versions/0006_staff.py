"""Who works at the desk, and who of them made a check."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Creates the tables, and the check's column."""
    op.create_table(
        "staff_member",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_signed_in_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    for table, columns, key, index in _TABLES_OF_MEMBERS:
        op.create_table(
            table,
            *columns,
            sa.Column("member_id", sa.String(32), nullable=False),
            sa.ForeignKeyConstraint(["member_id"], ["staff_member.id"]),
            sa.PrimaryKeyConstraint(key),
        )
        op.create_index(f"ix_{table}_member_id", table, ["member_id"])
        if index is not None:
            op.create_index(f"ix_{table}_{index}", table, [index])
    op.create_table(
        "staff_used_challenge",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_staff_used_challenge_expires_at", "staff_used_challenge", ["expires_at"])
    op.add_column("check_record", sa.Column("staff_id", sa.String(32), nullable=True))


_TABLES_OF_MEMBERS: list[tuple[str, list[sa.Column[Any]], str, str | None]] = [
    (
        "staff_passkey",
        [
            sa.Column("credential_id", sa.LargeBinary(), nullable=False),
            sa.Column("public_key", sa.LargeBinary(), nullable=False),
            sa.Column("sign_count", sa.BigInteger(), nullable=False),
            sa.Column("created_at", sa.BigInteger(), nullable=False),
        ],
        "credential_id",
        None,
    ),
    (
        "staff_invitation",
        [
            sa.Column("code_hash", sa.String(64), nullable=False),
            sa.Column("invited_by", sa.String(32), nullable=True),
            sa.Column("expires_at", sa.BigInteger(), nullable=False),
            sa.Column("used_at", sa.BigInteger(), nullable=True),
        ],
        "code_hash",
        "expires_at",
    ),
    (
        "staff_session",
        [
            sa.Column("secret_hash", sa.String(64), nullable=False),
            sa.Column("signed_in_at", sa.BigInteger(), nullable=False),
            sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        ],
        "secret_hash",
        "signed_in_at",
    ),
    (
        "staff_event",
        [
            sa.Column("id", sa.String(32), nullable=False),
            sa.Column("at", sa.BigInteger(), nullable=False),
            sa.Column("action", sa.String(32), nullable=False),
            sa.Column("actor_id", sa.String(32), nullable=True),
        ],
        "id",
        "at",
    ),
]
