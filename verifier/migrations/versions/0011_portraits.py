"""Photos on their way from a phone to the desk that asked."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Adds the column."""
    op.add_column("presentation_request", sa.Column("sealed_portrait", sa.LargeBinary(), nullable=True))
