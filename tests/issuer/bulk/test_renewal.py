"""Renewing in bulk: who is due, everything once whatever dies, and two runs at a time."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, text, update

from issuer.bulk import workers
from issuer.bulk.models import BulkItem, BulkJob, ItemState, WaitingCredential
from issuer.bulk.service import BulkIssuance, BulkResult
from issuer.issuance.models import Issuance
from issuer.roster.models import Person
from issuer.status.allocation import FILLED
from issuer.status.models import StatusListShard
from tests.issuer.bulk.renew_and_die import BATCH
from tests.support.renewals import CONFIGURATION, DAY, NOW, Fund, create_fund, fill
from vc_core.errors import Conflict, SignerUnavailable
from vc_core.verification import verify_issued_credential
from vc_core.web.database import Database

TYPE = "InsuranceCoverage"
PEOPLE = 600
SOON = NOW + 60 * DAY
NEW_END = NOW + 366 * DAY


@pytest.fixture
def fund(tmp_path: Path, database_url: str) -> Fund:
    """The fund, its database empty."""
    return create_fund(tmp_path, database_url)


@pytest.fixture
async def database(fund: Fund) -> AsyncIterator[Database]:
    """Its database."""
    opened = Database(fund.settings.database_url)
    yield opened
    await opened.close()


async def renew(fund: Fund, bulk: BulkIssuance, ending_before: int = SOON) -> BulkResult:
    """A whole run, which signs in threads of this process."""
    job = await bulk.plan(TYPE, ending_before=ending_before)
    with ThreadPoolExecutor(2, initializer=workers._begin, initargs=(fund.settings,)) as threads:
        return await bulk.run(job, threads, count=2, report=lambda done, total: None, raw_seconds=0.01)


async def rows(database: Database, table: type[Any]) -> list[Mapping[str, Any]]:
    """All rows of a table."""

    def load(connection: Connection) -> list[Mapping[str, Any]]:
        return [dict(row) for row in connection.execute(select(table)).mappings()]

    return await database.write(load)


async def check_everything_once(fund: Fund, database: Database, people: int) -> None:
    """Each person has one new issuance and one credential of it, verified; and the status lists count right."""
    new = [row for row in await rows(database, Issuance) if not row["id"].startswith("old-")]
    assert Counter(row["person_id"] for row in new) == {f"{number:032x}": 1 for number in range(people)}
    assert len({(row["list_id"], row["status_index"]) for row in new}) == people
    waiting = {row["issuance_id"]: row for row in await rows(database, WaitingCredential)}
    assert waiting.keys() == {row["id"] for row in new}
    assert {item["state"] for item in await rows(database, BulkItem)} == {ItemState.SIGNED}
    assert [job["finished_at"] for job in await rows(database, BulkJob)] == [NOW]
    used = Counter(row["list_id"] for row in await rows(database, Issuance))
    assert {row["id"]: row["allocated"] for row in await rows(database, StatusListShard)} == used
    for row in new:
        verify(fund, row, waiting[row["id"]]["credential"])


def verify(fund: Fund, issuance: Mapping[str, Any], credential: str) -> None:
    """The credential is what its row says, and for the key of the credential before."""
    number = int(issuance["person_id"], 16)
    verified = verify_issued_credential(
        credential,
        holder_key=fund.holders[number % len(fund.holders)].public_key,
        trust=fund.trust,
        max_trust_age=DAY,
        clock_tolerance=30,
        now=NOW,
    )
    assert (verified.issued_at, verified.expires_at) == (issuance["issued_at"], issuance["expires_at"])
    assert verified.expires_at == NEW_END
    assert verified.claims["health_id"] == f"SB{number:08d}"
    assert f"/{issuance['list_id']}" in repr(verified)
    assert str(issuance["status_index"]) in repr(verified)


async def test_everybody_once(fund: Fund, database: Database) -> None:
    await fill(fund, database, PEOPLE)
    result = await renew(fund, fund.bulk(database))
    assert (result.total, result.signed, result.refused, result.signed_now) == (PEOPLE, PEOPLE, 0, PEOPLE)
    assert 0 < result.share < 1
    again = await renew(fund, fund.bulk(database))
    assert (again.total, again.signed_now) == (0, 0)
    await check_everything_once(fund, database, PEOPLE)


async def test_who_is_due(fund: Fund, database: Database) -> None:
    """Not: who has no more cover, whose credential is withdrawn, unknown by key, or renewed; nor who ends later."""
    await fill(fund, database, 6)
    changes: tuple[tuple[int, Any, dict[str, Any]], ...] = (
        (0, Person, {"covered_until": "2026-12-31"}),
        (1, Issuance, {"status": 1}),
        (2, Issuance, {"status": 2}),
        (3, Issuance, {"holder_jwk": None}),
        (4, Issuance, {"expires_at": SOON}),
    )

    def change(connection: Connection) -> None:
        for number, table, values in changes:
            key = f"{number:032x}" if table is Person else f"old-{number}"
            connection.execute(update(table).where(table.__table__.c.id == key).values(**values))

    await database.write(change)
    job = await fund.bulk(database).plan(TYPE, ending_before=SOON)
    assert [item["person_id"] for item in await rows(database, BulkItem)] == [f"{5:032x}"]
    assert (await fund.bulk(database).plan(TYPE, ending_before=SOON)).id == job.id
    with pytest.raises(Conflict):
        await fund.bulk(database).plan("HealthId", ending_before=SOON)


async def test_what_ends_between_planning_and_signing_is_refused(fund: Fund, database: Database) -> None:
    await fill(fund, database, 3)
    await fund.bulk(database).plan(TYPE, ending_before=SOON)
    await database.write(
        lambda connection: connection.execute(
            text("UPDATE people SET covered_until = '2026-12-01' WHERE id = '00000000000000000000000000000001'")
        )
    )
    result = await renew(fund, fund.bulk(database))
    assert (result.signed, result.refused) == (2, 1)
    assert len(await rows(database, WaitingCredential)) == 2


async def test_nothing_is_signed_with_a_key_that_the_registry_does_not_have(fund: Fund, database: Database) -> None:
    await fill(fund, database, 3)
    with pytest.raises(SignerUnavailable):
        await renew(fund, fund.bulk(database, at=lambda: NOW + 2000 * DAY))
    assert await rows(database, WaitingCredential) == []


async def test_a_list_that_fills_up_goes_on_in_the_next(fund: Fund, database: Database) -> None:
    await fill(fund, database, 300)
    room = 100
    await database.write(
        lambda connection: connection.execute(text(f"UPDATE status_lists SET allocated = {FILLED - room}"))  # noqa: S608
    )
    await renew(fund, fund.bulk(database))
    lists = sorted(await rows(database, StatusListShard), key=lambda row: int(row["shard"]))
    assert [row["allocated"] for row in lists] == [FILLED, 200]
    new = [row for row in await rows(database, Issuance) if not row["id"].startswith("old-")]
    assert Counter(row["list_id"] for row in new) == {lists[0]["id"]: room, lists[1]["id"]: 200}


async def test_two_runs_at_a_time(fund: Fund, database: Database) -> None:
    await fill(fund, database, PEOPLE)
    other = Database(fund.settings.database_url)
    await asyncio.gather(*(renew(fund, fund.bulk(each, batch=BATCH)) for each in (database, other)))
    await other.close()
    await check_everything_once(fund, database, PEOPLE)


DEATHS = (
    "1:within 1:after 3:within 4:after 5:before 5:within 6:after 4:within 6:within 5:after 8:within 9:before 0:never"
).split()
"""At which transaction of each run, one after the other, and at which moment of it; the last lives."""


async def test_killed_again_and_again_it_ends_with_everything_once(
    fund: Fund, database: Database, tmp_path: Path
) -> None:
    await fill(fund, database, PEOPLE)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.issuer.bulk.renew_and_die",
        str(tmp_path),
        fund.settings.database_url,
        *DEATHS,
        stdout=subprocess.PIPE,
    )
    told, _ = await process.communicate()
    endings = [int(line) for line in told.split()]
    assert endings[-1] == 0
    assert endings.count(-signal.SIGKILL) >= 9
    await check_everything_once(fund, database, PEOPLE)


async def test_when_a_signing_process_dies_the_run_ends_and_the_next_goes_on(
    tmp_path: Path,
) -> None:
    fund = create_fund(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'issuer.sqlite'}")
    database = Database(fund.settings.database_url)
    await fill(fund, database, PEOPLE)
    bulk = fund.bulk(database, batch=BATCH)
    job = await bulk.plan(TYPE, ending_before=SOON)
    with workers.start_workers(fund.settings, 1) as processes:

        def kill(_done: int, _total: int) -> None:
            for pid in processes._processes:
                os.kill(pid, signal.SIGKILL)

        with pytest.raises(SignerUnavailable, match="run it again"):
            await bulk.run(job, processes, count=1, report=kill, raw_seconds=0.01)
    await renew(fund, bulk)
    await check_everything_once(fund, database, PEOPLE)
    await database.close()


_FEEDING = """
import sys, time
from pathlib import Path
from issuer.bulk.workers import sign_raw, start_workers
from tests.support.renewals import create_fund
if __name__ == "__main__":
    workers = start_workers(create_fund(Path(sys.argv[1]), "sqlite+aiosqlite://").settings, 1)
    workers.submit(sign_raw, 0.01).result()
    print(*workers._processes, flush=True)
    time.sleep(60)
"""


def test_signing_processes_end_with_the_one_that_feeds_them(tmp_path: Path) -> None:
    script = tmp_path / "feeding.py"
    script.write_text(_FEEDING)
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    command = [sys.executable, str(script), str(tmp_path / "fund")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as feeding:
        assert feeding.stdout is not None
        worker = int(feeding.stdout.readline())
        feeding.kill()
    deadline = time.monotonic() + 30
    while Path(f"/proc/{worker}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{worker}").exists()


def test_the_configuration_is_one_that_wallets_hold() -> None:
    assert CONFIGURATION == f"{TYPE}_dc+sd-jwt"
