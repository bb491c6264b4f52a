"""Bulk issuance from database to database, as a share of bare P-256 signing by as many processes."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from issuer.bulk.service import BulkResult
from issuer.bulk.workers import start_workers
from tests.support.renewals import DAY, NOW, create_fund, fill
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.web.database import Database

DEFAULT_SIZE = 10_000


def measure_bulk(size: int = DEFAULT_SIZE) -> str:
    """Renews the coverage of `size` people with one process for each core, on SQLite."""
    with tempfile.TemporaryDirectory(prefix="sabai-bulk-") as name:
        result = asyncio.run(_renew(Path(name), size))
    return "\n".join(
        [
            f"### Bulk issuance of {result.signed_now:,} coverage credentials, {_workers()} signing processes",
            "",
            "| what | per second | share |",
            "|---|---:|---:|",
            f"| raw P-256 signing, the same processes | {result.raw_rate:,.0f} | 100% |",
            f"| recorded, signed and kept, SQLite | {result.rate:,.0f} | {result.share:.0%} |",
        ]
    )


async def _renew(folder: Path, size: int) -> BulkResult:
    database = Database(f"sqlite+aiosqlite:///{folder / 'issuer.sqlite'}")
    try:
        fund = create_fund(folder, str(folder / "issuer.sqlite"))
        await fill(fund, database, size)
        bulk, count = fund.bulk(database), _workers()
        job = await bulk.plan(INSURANCE_COVERAGE.name, ending_before=NOW + 60 * DAY)
        with start_workers(fund.settings, count) as workers:
            return await bulk.run(job, workers, count=count, report=lambda done, total: None)
    finally:
        await database.close()


def _workers() -> int:
    return os.cpu_count() or 1
