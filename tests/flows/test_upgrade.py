"""A service that kept the registry of the first release takes the new contracts up from the chain."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from vc_core.web.database import Database

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("service", ["issuer", "verifier", "backend"])
async def test_what_was_mirrored_of_the_replaced_contracts_is_forgotten(
    service: str, tmp_path: Path, create_database_url: Callable[[str], str]
) -> None:
    newest, first = ROOT / service / "migrations", tmp_path / "first"
    shutil.copytree(newest, first)
    for version in first.glob("versions/*.py"):
        if not version.name.startswith("0001"):
            version.unlink()
    database = Database(create_database_url(service))
    await database.migrate(first)
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.execute(text("INSERT INTO registry_events VALUES (1, 0, '{}')"))
        await connection.execute(text("INSERT INTO registry_head VALUES (1, 1337, '0x01', '0x02', 1, '0x03', 10, 20)"))

    await database.migrate(newest)

    async with database.transaction() as session:
        connection = await session.connection()
        for table in ("registry_events", "registry_head"):
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar() == 0  # noqa: S608  # ours
        assert not (await connection.execute(text("SELECT anchors FROM registry_head"))).all()
    await database.close()
