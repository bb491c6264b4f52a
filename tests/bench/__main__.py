"""`make bench`: the ratios of docs/performance.md, measured in one run and written there.

`make bench ARGS="--bulk 100000"`: bulk issuance of so many alone, printed and not written; `ARGS=--pages`: the
wallet's page alone.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import sys
from pathlib import Path

from tests.bench.bulk import measure_bulk
from tests.bench.checks import measure_checks
from tests.bench.data_integrity import measure_data_integrity
from tests.bench.in_process import measure_issuance, measure_qr, measure_verification
from tests.bench.mirror import measure_mirror
from tests.bench.pages import measure_pages
from tests.bench.peers import measure_peers
from tests.bench.status import measure_status

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
_MARK = "<!-- what follows is written by make bench -->"


def main() -> None:
    """Measures everything, prints it and writes it into the page."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measures the ratios of docs/performance.md.")
    parser.add_argument("--bulk", type=int, metavar="N", help="only bulk issuance, of N credentials")
    parser.add_argument("--pages", action="store_true", help="only the wallet's page")
    asked = parser.parse_args()
    if asked.bulk is not None or asked.pages:
        sys.stdout.write((measure_pages() if asked.pages else measure_bulk(asked.bulk)) + "\n")
        return
    sections = [measure_verification(), measure_issuance(), measure_qr(), asyncio.run(measure_checks())]
    sections += [
        measure_data_integrity(),
        measure_mirror(),
        measure_status(),
        measure_bulk(),
        measure_peers(),
        measure_pages(),
    ]
    figures = "\n\n".join(sections)
    machine = f"Python {platform.python_version()} on {platform.machine()}"
    note = f"{machine}; absolute figures vary, the shares are to be trusted."
    head = PAGE.read_text("utf-8").partition(_MARK)[0]
    PAGE.write_text(f"{head}{_MARK}\n\n{note}\n\n{figures}\n", "utf-8")
    sys.stdout.write(f"{note}\n\n{figures}\n")


if __name__ == "__main__":
    main()
