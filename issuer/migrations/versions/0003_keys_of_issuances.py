"""Which key signed a credential, and the holder's whole public key: for rotating keys and for renewing in bulk."""

import sqlalchemy as sa
from alembic import op

revision = "0003_keys"
down_revision = "0002"


def upgrade() -> None:
    """Adds the two columns; what they were for credentials issued before is not known."""
    with op.batch_alter_table("issuances") as issuances:
        issuances.add_column(sa.Column("holder_key", sa.String(length=70), nullable=True))
        issuances.add_column(sa.Column("verification_method", sa.String(length=120), nullable=True))
