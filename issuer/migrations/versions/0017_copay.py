"""What a visit costs a person."""

import sqlalchemy as sa
from alembic import op

revision = "0017_copay"
down_revision = "0016_ended_entitlements"


def upgrade() -> None:
    """Adds the column, empty: nobody's is known."""
    with op.batch_alter_table("people") as people:
        people.add_column(sa.Column("copay_baht", sa.String(length=5), nullable=False, server_default=""))
    with op.batch_alter_table("people") as people:
        people.alter_column("copay_baht", server_default=None)
