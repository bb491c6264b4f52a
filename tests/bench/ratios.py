"""Interleaved measuring: the machine's speed drifts, so what counts is the ratio within each short round."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

BLOCK_SECONDS = 0.02
ROUNDS = 41


@dataclass(frozen=True)
class Measured:
    """Median runs a second, and the median of the share of the first one's rate in the same round."""

    per_second: float
    share: float


def measure(runs: Mapping[str, Callable[[], object]], *, rounds: int = ROUNDS) -> dict[str, Measured]:
    """Each callable in turn, round after round; the first is what the others are compared with."""
    counts = {name: max(1, int(_rate(run, 10) * BLOCK_SECONDS)) for name, run in runs.items()}
    rates: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            rates[name].append(_rate(run, counts[name]))
    base = next(iter(rates.values()))
    return {
        name: Measured(statistics.median(found), statistics.median(a / b for a, b in zip(found, base, strict=True)))
        for name, found in rates.items()
    }


def _rate(run: Callable[[], object], count: int) -> float:
    started = time.perf_counter()
    for _ in range(count):
        run()
    return count / (time.perf_counter() - started)
