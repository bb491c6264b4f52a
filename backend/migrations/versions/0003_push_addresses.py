"""A device is reached through FCM, through Web Push, or not at all."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Lets the column of FCM tokens hold Web Push endpoints too, whose keys are beside it."""
    with op.batch_alter_table("device") as device:
        device.alter_column("fcm_token", new_column_name="push_address", existing_type=sa.String(length=1024))
        device.add_column(sa.Column("web_push_keys", sa.String(length=128), nullable=True))
