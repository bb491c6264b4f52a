"""Jobs of the office: their kind, scope and state, and why an item was refused."""

import sqlalchemy as sa
from alembic import op

revision = "0014_jobs"
down_revision = "0013_audit_and_proposals"

_OPEN = sa.text("finished_at IS NULL")


def upgrade() -> None:
    """Adds the columns. What there is are renewals that the command line made."""
    op.drop_index("ix_bulk_jobs_open", "bulk_jobs")
    with op.batch_alter_table("bulk_jobs") as jobs:
        jobs.add_column(sa.Column("kind", sa.String(length=10), nullable=False, server_default="renew"))
        jobs.add_column(sa.Column("scope", sa.String(length=50), nullable=False, server_default=""))
        jobs.add_column(sa.Column("state", sa.String(length=10), nullable=False, server_default="running"))
        jobs.add_column(sa.Column("created_by", sa.String(length=32), nullable=True))
    op.execute("UPDATE bulk_jobs SET state = 'finished' WHERE finished_at IS NOT NULL")
    with op.batch_alter_table("bulk_jobs") as jobs:
        for name in ("kind", "scope", "state"):
            jobs.alter_column(name, server_default=None)
    op.create_index(
        "ix_bulk_jobs_open",
        "bulk_jobs",
        ["kind", "credential_type", "scope"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    with op.batch_alter_table("bulk_items") as items:
        items.add_column(sa.Column("failure", sa.String(length=20), nullable=True))
        for name, length in (("configuration_id", 100), ("holder_thumbprint", 43), ("holder_jwk", 200)):
            items.alter_column(name, existing_type=sa.String(length=length), nullable=True)
