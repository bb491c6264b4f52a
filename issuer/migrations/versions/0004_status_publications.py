"""Status lists are published in several forms, and every publication is logged for the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003_keys"


def upgrade() -> None:
    """Makes the tables, and takes over the tokens: their versions and times go on from where they were."""
    op.create_table(
        "status_publications",
        sa.Column("list_id", sa.String(length=32), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("signed", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["status_lists.id"]),
        sa.PrimaryKeyConstraint("list_id", "form", "version"),
    )
    op.execute(
        "INSERT INTO status_publications (list_id, form, version, revision, signed, issued_at, expires_at) "
        "SELECT list_id, 'token', version, revision, token, issued_at, expires_at FROM status_list_versions"
    )
    op.drop_table("status_list_versions")
    op.create_table(
        "status_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("list_id", sa.String(length=32), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("list_id", "form", "version"),
    )
    op.create_index("ix_status_log_batch", "status_log", ["batch"])
    op.create_table(
        "status_batches",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    withdrawn = sa.text("status != 0")
    op.create_index(
        "ix_issuances_withdrawn",
        "issuances",
        ["list_id", "status_index", "status"],
        sqlite_where=withdrawn,
        postgresql_where=withdrawn,
    )
