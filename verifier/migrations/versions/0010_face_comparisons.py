"""Whether faces were compared."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "face_comparison",
        sa.Column("check_id", sa.String(32), sa.ForeignKey("check_record.check_id"), nullable=False),
        sa.Column("same_person", sa.Boolean(), nullable=False),
        sa.Column("compared_at", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("check_id"),
    )
