"""Work in the background: what nobody foresaw is logged without what was in it, and the next run comes."""

from __future__ import annotations

import asyncio

import pytest

from vc_core.web.background import Background


async def test_a_run_that_fails_keeps_no_other_from_coming(caplog: pytest.LogCaptureFixture) -> None:
    runs, well = 0, asyncio.Event()

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise KeyError("MX00000001")
        well.set()

    background = Background(work, pause_seconds=0.001)
    background.start()
    await asyncio.wait_for(well.wait(), 30)
    await background.stop()
    (line,) = [record for record in caplog.records if record.name == "vc_core.web.background"]
    assert (line.levelname, line.__dict__["error"]) == ("ERROR", "KeyError")
    assert "test_background.py" in line.__dict__["where"]
    assert "MX00000001" not in caplog.text
