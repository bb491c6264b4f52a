"""Entitlements that officers have ended, and whether a job ends those of the people that it is for."""

import sqlalchemy as sa
from alembic import op

revision = "0016_ended_entitlements"
down_revision = "0015_officers"


def upgrade() -> None:
    """Makes the table, and adds the column."""
    op.create_table(
        "ended_entitlements",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("credential_type", sa.String(length=50), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("person_id", "credential_type"),
    )
    with op.batch_alter_table("bulk_jobs") as jobs:
        jobs.add_column(sa.Column("ends_entitlement", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("bulk_jobs") as jobs:
        jobs.alter_column("ends_entitlement", server_default=None)
