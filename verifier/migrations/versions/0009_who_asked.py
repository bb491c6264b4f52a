"""Which member of the staff asked a phone."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Creates the column."""
    op.add_column("presentation_request", sa.Column("staff_id", sa.String(32), nullable=True))
