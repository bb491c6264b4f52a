"""What officers state in an offer, what the roster may know of a migrant's work, and credentials without a status."""

import sqlalchemy as sa
from alembic import op

revision = "0005_types"
down_revision = "0004"


def upgrade() -> None:
    """Adds the columns, nobody having a work permit yet, and lets an issuance be without an entry in a list."""
    with op.batch_alter_table("offers") as offers:
        offers.add_column(sa.Column("claims", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("people") as people:
        people.add_column(sa.Column("work_permit", sa.String(length=20), nullable=False, server_default=""))
        people.add_column(sa.Column("work_permit_until", sa.String(length=10), nullable=False, server_default=""))
        people.add_column(sa.Column("employer", sa.String(length=100), nullable=False, server_default=""))
    with op.batch_alter_table("issuances") as issuances:
        issuances.alter_column("list_id", existing_type=sa.String(length=32), nullable=True)
        issuances.alter_column("status_index", existing_type=sa.Integer(), nullable=True)
