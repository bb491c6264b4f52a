"""Renewals in processes that kill themselves: `python -m … FOLDER DATABASE_URL WRITE:MOMENT…`, one run for each.

WRITE counts the run's transactions, MOMENT is `before`, `within` (all statements done, nothing committed) or `after`.
With write 0 it lives to the end. Each run is a fork of this process, which prints how each ended.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from issuer.bulk import workers
from tests.support.renewals import DAY, NOW, create_fund
from vc_core.web.database import Database

BATCH = 250
"""So few that a run needs several."""
Result = TypeVar("Result")


class DyingDatabase(Database):
    """A database whose user dies at one of its transactions."""

    def __init__(self, url: str, write: int, moment: str) -> None:
        super().__init__(url)
        self._left, self._moment = write, moment

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        self._left -= 1
        dying = self._left == 0

        def dangerous(connection: Connection) -> Result:
            result = work(connection)
            if dying and self._moment == "within":
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        if dying and self._moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = await super().write(dangerous)
        if dying and self._moment == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result


async def main(folder: Path, url: str, write: int, moment: str) -> None:
    """Plans and runs, until it dies or is done."""
    fund = create_fund(folder, url)
    database = DyingDatabase(url, write, moment)
    bulk = fund.bulk(database, batch=BATCH)
    job = await bulk.plan("InsuranceCoverage", ending_before=NOW + 60 * DAY)
    with ThreadPoolExecutor(2, initializer=workers._begin, initargs=(fund.settings,)) as threads:
        await bulk.run(job, threads, count=2, report=lambda done, total: None, raw_seconds=0.01)
    await database.close()


if __name__ == "__main__":
    for death in sys.argv[3:]:
        number, _, at = death.partition(":")
        child = os.fork()
        if child == 0:
            asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(number), at))
            os._exit(0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
