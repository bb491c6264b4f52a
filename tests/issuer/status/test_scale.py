"""What publishing a list costs grows with what was withdrawn, not with what was issued."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import event, text

from issuer.app import MIGRATIONS
from issuer.status.repository import StatusRepository
from vc_core.web.database import Database


async def test_only_the_index_over_what_was_withdrawn_is_read(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'issuer.sqlite'}")
    await database.migrate(MIGRATIONS)
    statements: list[str] = []
    async with database.transaction() as session:
        connection = await session.connection()
        event.listen(connection.sync_connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
        await StatusRepository(session).load_set_entries("x")
        plan = (await connection.execute(text(f"EXPLAIN QUERY PLAN {statements[0]}".replace("?", "'x'")))).all()
    assert [row[3] for row in plan] == ["SEARCH issuances USING COVERING INDEX ix_issuances_withdrawn (list_id=?)"]
    await database.close()
