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
    return compare({name: timed(run) for name, run in runs.items()}, rounds=rounds)


def compare(rates: Mapping[str, Callable[[], float]], *, rounds: int = ROUNDS) -> dict[str, Measured]:
    """As `measure`, for callables that say themselves how often a second something ran, as other processes do."""
    found: dict[str, list[float]] = {name: [] for name in rates}
    for _ in range(rounds):
        for name, rate in rates.items():
            found[name].append(rate())
    base = next(iter(found.values()))
    return {
        name: Measured(statistics.median(each), statistics.median(a / b for a, b in zip(each, base, strict=True)))
        for name, each in found.items()
    }


def timed(run: Callable[[], object]) -> Callable[[], float]:
    """How often a second it runs, measured over `BLOCK_SECONDS`."""
    count = max(1, int(_rate(run, 10) * BLOCK_SECONDS))
    return lambda: _rate(run, count)


def _rate(run: Callable[[], object], count: int) -> float:
    started = time.perf_counter()
    for _ in range(count):
        run()
    return count / (time.perf_counter() - started)
