"""The measurement of the mirror itself, at a tenth of its size and with a tenth of the bound."""

from __future__ import annotations

from pathlib import Path

from tests.bench.mirror import measure_growth


async def test_a_thousand_issuers_are_mirrored_in_a_tenth_of_a_minute(tmp_path: Path) -> None:
    grown = await measure_growth(1_000, tmp_path)
    assert grown.mirror_seconds < 6
    assert grown.restart_seconds < 6
    assert grown.look_up < 1_000
