"""Every status list that was seen is kept, not only those that came in trust bundles."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Those that came in bundles are the first of them."""
    op.drop_index("ix_bundled_status_list_expires_at", "bundled_status_list")
    op.rename_table("bundled_status_list", "seen_status_list")
    op.create_index("ix_seen_status_list_expires_at", "seen_status_list", ["expires_at"])
