"""Bulk issuance: its jobs and items, what waits for wallets, and issuances without an offer."""

import sqlalchemy as sa
from alembic import op

revision = "0007_bulk"
down_revision = "0006_general"


def upgrade() -> None:
    """Makes the three tables, lets an issuance have no offer, and keeps holders' keys as JWKs, quicker to read."""
    with op.batch_alter_table("issuances") as issuances:
        issuances.alter_column("offer_id", existing_type=sa.String(length=32), nullable=True)
        issuances.drop_column("holder_key")
        issuances.add_column(sa.Column("holder_jwk", sa.String(length=200), nullable=True))
    op.create_table(
        "bulk_jobs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("credential_type", sa.String(length=50), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    unfinished = sa.text("finished_at IS NULL")
    op.create_index(
        "ix_bulk_jobs_open",
        "bulk_jobs",
        ["credential_type"],
        unique=True,
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )
    op.create_table(
        "bulk_items",
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("configuration_id", sa.String(length=100), nullable=False),
        sa.Column("holder_thumbprint", sa.String(length=43), nullable=False),
        sa.Column("holder_jwk", sa.String(length=200), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["bulk_jobs.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("job_id", "number"),
    )
    op.create_index("ix_bulk_items_state", "bulk_items", ["job_id", "state", "number"])
    op.create_table(
        "waiting_credentials",
        sa.Column("issuance_id", sa.String(length=32), nullable=False),
        sa.Column("holder_thumbprint", sa.String(length=43), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["issuance_id"], ["issuances.id"]),
        sa.PrimaryKeyConstraint("issuance_id"),
    )
    op.create_index("ix_waiting_credentials_holder_thumbprint", "waiting_credentials", ["holder_thumbprint"])
    op.create_index("ix_waiting_credentials_expires_at", "waiting_credentials", ["expires_at"])
