"""The migrations make exactly the tables of the models."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from issuer.app import MIGRATIONS
from issuer.bulk.progress import issuance_id
from issuer.models import IssuerTable
from vc_core.web.database import Database


def differences(connection: Connection) -> list[Any]:
    """What the models have and the database does not, or the reverse."""
    context = MigrationContext.configure(
        connection, opts={"version_table": "issuer_alembic_version", "compare_type": True}
    )
    return list(compare_metadata(context, IssuerTable.metadata))


async def test_migrating_an_empty_database_gives_the_models(database_url: str) -> None:
    database = Database(database_url)
    await database.migrate(MIGRATIONS)
    await database.migrate(MIGRATIONS)
    async with database.transaction() as session:
        assert await (await session.connection()).run_sync(differences) == []
    await database.close()


async def test_what_was_issued_before_authorizations_is_kept(database_url: str, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(MIGRATIONS, old)
    for version in [*old.glob("versions/000[89]*.py"), *old.glob("versions/00[1-9][0-9]*.py")]:
        version.unlink()
    database = Database(database_url)
    await database.migrate(old)
    async with database.transaction() as session:
        connection = await session.connection()
        for statement in (
            "INSERT INTO people (id, person_ref, health_id, name, name_latin, birth_date, nationality, "
            "identifier_system, identifier_value, scheme, regular_hospital, primary_hospital, referral_hospital, "
            "covered_from, covered_until, work_permit, work_permit_until, employer, created_at, updated_at) "
            "VALUES ('p', 'A1', 'SB1', 'n', 'n', '1990-01-01', 'MM', 's', '1', '8401', "
            "'', '', '', '', '', '', '', '', 1, 1)",
            "INSERT INTO offers (id, reference_hash, code_hash, tx_code_mac, tx_code_attempts, person_id, "
            "configuration_ids, created_at, expires_at, redeemed_at, token_hash, token_expires_at) "
            "VALUES ('o', 'r', 'c', 'm', 1, 'p', '[\"HealthId_dc+sd-jwt\"]', 1, 9, 5, 't', 8)",
            "INSERT INTO issuances (id, offer_id, configuration_id, person_id, credential_type, format, "
            "holder_thumbprint, status, issued_at, expires_at) "
            "VALUES ('i', 'o', 'HealthId_dc+sd-jwt', 'p', 'HealthId', 'dc+sd-jwt', 'x', 0, 6, 99)",
            "INSERT INTO bulk_jobs (id, credential_type, total, created_at) "
            "VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'HealthId', 8, 5)",
            "INSERT INTO bulk_items "
            "(job_id, number, person_id, configuration_id, holder_thumbprint, holder_jwk, state) "
            "VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 7, 'p', 'HealthId_dc+sd-jwt', 'y', '{}', 1)",
            "INSERT INTO issuances (id, configuration_id, person_id, credential_type, format, "
            "holder_thumbprint, status, issued_at, expires_at) "
            "VALUES ('434ded151d967e35575916af9fb34903', 'HealthId_dc+sd-jwt', 'p', 'HealthId', 'dc+sd-jwt', "
            "'y', 0, 7, 99)",
        ):
            await connection.execute(text(statement))

    await database.migrate(MIGRATIONS)

    async with database.transaction() as session:
        connection = await session.connection()
        assert await connection.run_sync(differences) == []
        found = await connection.execute(
            text(
                "SELECT issuances.id, offers.id, authorizations.person_id FROM issuances "
                "JOIN authorizations ON authorizations.id = issuances.authorization_id "
                "JOIN offers ON offers.id = authorizations.offer_id "
                "JOIN access_tokens ON access_tokens.authorization_id = authorizations.id"
            )
        )
        assert found.all() == [("i", "o", "p")]
        left_behind = await connection.execute(text("SELECT id FROM issuances WHERE holder_thumbprint = 'y'"))
        assert left_behind.scalars().all() == [issuance_id("a" * 32, 7)]
    await database.close()
