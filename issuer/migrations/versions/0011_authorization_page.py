"""The authorization page: requests, one-time codes, offers that lead there, and where people get an SMS."""

import sqlalchemy as sa
from alembic import op

revision = "0011_authorization_page"
down_revision = "0010_sender_proofs"


def upgrade() -> None:
    """Makes both tables, and lets an offer be without a pre-authorized code or without a transaction code."""
    with op.batch_alter_table("offers") as offers:
        offers.alter_column("code_hash", existing_type=sa.String(length=64), nullable=True)
        offers.alter_column("tx_code_mac", existing_type=sa.String(length=64), nullable=True)
        offers.add_column(sa.Column("issuer_state_hash", sa.String(length=64), nullable=True))
        offers.add_column(sa.Column("tx_code", sa.JSON(none_as_null=True), nullable=True))
        offers.create_unique_constraint("offers_issuer_state_hash_key", ["issuer_state_hash"])
    op.execute("""UPDATE offers SET tx_code = '{"input_mode": "numeric", "length": 6}'""")
    with op.batch_alter_table("people") as people:
        people.add_column(sa.Column("phone", sa.String(length=16), nullable=False, server_default=""))
    _create_requests()
    op.create_table(
        "sign_in_codes",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("code_mac", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("person_id", "channel"),
    )
    op.create_index("ix_sign_in_codes_expires_at", "sign_in_codes", ["expires_at"])


def _create_requests() -> None:
    op.create_table(
        "authorization_requests",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=300), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("code_challenge", sa.String(length=43), nullable=False),
        sa.Column("dpop_jkt", sa.String(length=43), nullable=True),
        sa.Column("instance_jkt", sa.String(length=43), nullable=True),
        sa.Column("configuration_ids", sa.JSON(), nullable=False),
        sa.Column("with_identifiers", sa.Boolean(), nullable=False),
        sa.Column("offer_id", sa.String(length=32), nullable=True),
        sa.Column("request_uri_hash", sa.String(length=64), nullable=True),
        sa.Column("session_hash", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("code_used_at", sa.BigInteger(), nullable=True),
        sa.Column("authorization_id", sa.String(length=32), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["authorization_id"], ["authorizations.id"]),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
        sa.UniqueConstraint("request_uri_hash"),
        sa.UniqueConstraint("session_hash"),
    )
    op.create_index("ix_authorization_requests_expires_at", "authorization_requests", ["expires_at"])
