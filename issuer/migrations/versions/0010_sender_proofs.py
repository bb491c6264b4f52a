"""What proves who sends a request: proofs that were used, the secret behind nonces, the wallet's attested key."""

import sqlalchemy as sa
from alembic import op

revision = "0010_sender_proofs"
down_revision = "0009_credential_sets"


def upgrade() -> None:
    """Makes the tables and the column."""
    op.create_table(
        "used_proofs",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_used_proofs_expires_at", "used_proofs", ["expires_at"])
    op.create_table(
        "nonce_secrets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("authorizations") as authorizations:
        authorizations.add_column(sa.Column("instance_jkt", sa.String(length=43), nullable=True))
