"""Who may fetch what, apart from offers: authorizations, access tokens and refresh tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0008_authorizations"
down_revision = "0007_bulk"


def upgrade() -> None:
    """Makes the tables, and of every redeemed offer an authorization of the same id with its token."""
    _create_authorizations()
    _create_tokens()
    op.execute(
        "INSERT INTO authorizations (id, family_id, person_id, configuration_ids, claims, offer_id, created_at) "
        "SELECT id, id, person_id, configuration_ids, claims, id, redeemed_at FROM offers "
        "WHERE redeemed_at IS NOT NULL"
    )
    op.execute(
        "INSERT INTO access_tokens (token_hash, authorization_id, expires_at) "
        "SELECT token_hash, id, token_expires_at FROM offers WHERE token_hash IS NOT NULL"
    )
    op.execute("UPDATE offers SET claims = NULL WHERE redeemed_at IS NOT NULL")
    with op.batch_alter_table("offers") as offers:
        offers.drop_column("token_hash")
        offers.drop_column("token_expires_at")
    _move_issuances()


def _create_authorizations() -> None:
    op.create_table(
        "authorizations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("family_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("configuration_ids", sa.JSON(), nullable=False),
        sa.Column("credential_identifiers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("claims", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("client_id", sa.String(length=300), nullable=True),
        sa.Column("offer_id", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("family_id", "person_id", "offer_id"):
        op.create_index(f"ix_authorizations_{column}", "authorizations", [column])


def _create_tokens() -> None:
    for table, more in (("access_tokens", ()), ("refresh_tokens", (sa.Column("used_at", sa.BigInteger()),))):
        op.create_table(
            table,
            sa.Column("token_hash", sa.String(length=64), nullable=False),
            sa.Column("authorization_id", sa.String(length=32), nullable=False),
            sa.Column("dpop_jkt", sa.String(length=43), nullable=True),
            sa.Column("expires_at", sa.BigInteger(), nullable=False),
            *more,
            sa.ForeignKeyConstraint(["authorization_id"], ["authorizations.id"]),
            sa.PrimaryKeyConstraint("token_hash"),
        )
        for column in ("authorization_id", "expires_at"):
            op.create_index(f"ix_{table}_{column}", table, [column])


def _move_issuances() -> None:
    """Issuances refer to the authorization, whose id is that of the offer for those that there are."""
    with op.batch_alter_table("issuances") as issuances:
        issuances.add_column(sa.Column("authorization_id", sa.String(length=32), nullable=True))
    op.execute("UPDATE issuances SET authorization_id = offer_id")
    with op.batch_alter_table("issuances") as issuances:
        issuances.drop_column("offer_id")
        issuances.create_foreign_key("issuances_authorization_id_fkey", "authorizations", ["authorization_id"], ["id"])
        issuances.create_unique_constraint(
            "issuances_authorization_id_configuration_id_key", ["authorization_id", "configuration_id"]
        )
