"""Photos of people."""

import sqlalchemy as sa
from alembic import op

revision = "0018_portraits"
down_revision = "0017_copay"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "portraits",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
