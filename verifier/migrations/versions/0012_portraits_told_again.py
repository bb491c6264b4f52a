"""Until when a photo is told: an answer that was lost on the way is asked for again."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Adds the column; photos that are there are told as long as they would have been kept."""
    op.add_column("presentation_request", sa.Column("portrait_until", sa.BigInteger(), nullable=True))
    op.execute("UPDATE presentation_request SET portrait_until = expires_at WHERE sealed_portrait IS NOT NULL")
