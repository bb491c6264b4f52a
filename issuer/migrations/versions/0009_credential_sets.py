"""Several credentials for one authorization, some after an officer's approval, and what wallets tell of them."""

import sqlalchemy as sa
from alembic import op

revision = "0009_credential_sets"
down_revision = "0008_authorizations"


def upgrade() -> None:
    """Makes the two tables, and lets an authorization bring one credential for each key."""
    with op.batch_alter_table("offers") as offers:
        offers.add_column(sa.Column("needs_approval", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("issuances") as issuances:
        issuances.drop_constraint("issuances_authorization_id_configuration_id_key", type_="unique")
        issuances.create_unique_constraint(
            "issuances_authorization_id_configuration_id_holder_key",
            ["authorization_id", "configuration_id", "holder_thumbprint"],
        )
    op.create_table(
        "credential_sets",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("authorization_id", sa.String(length=32), nullable=False),
        sa.Column("family_id", sa.String(length=32), nullable=False),
        sa.Column("configuration_id", sa.String(length=100), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("holders", sa.JSON(), nullable=False),
        sa.Column("claims", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("collected_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["authorization_id"], ["authorizations.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("authorization_id", "configuration_id"),
    )
    op.create_index("ix_credential_sets_family_id", "credential_sets", ["family_id"])
    op.create_index("ix_credential_sets_person_id", "credential_sets", ["person_id"])
    op.create_index("ix_credential_sets_state", "credential_sets", ["state", "created_at"])
    op.create_table(
        "credential_notifications",
        sa.Column("set_id", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=30), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["set_id"], ["credential_sets.id"]),
        sa.PrimaryKeyConstraint("set_id", "event"),
    )
