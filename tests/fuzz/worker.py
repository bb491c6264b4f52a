"""One run of libFuzzer over one target, in a process of its own, since libFuzzer ends the process that it runs in.

python -m tests.fuzz.worker <parser> <folder> <libFuzzer's arguments>
"""

from __future__ import annotations

import json
import shlex
import sys
import time
from pathlib import Path

import atheris

SLOW_SECONDS = 0.2
"""Of processor time: a busy machine makes no input slow."""


class SlowInput(Exception):
    """An input took longer than any may."""


def main() -> None:
    """Fuzzes until libFuzzer is told to stop; keeps what the slowest input took in `<folder>/slowest.json`."""
    parser, folder = sys.argv[1], Path(sys.argv[2])
    with atheris.instrument_imports(include=["vc_core"]):
        from tests.fuzz.targets import TARGETS

    target, slowest = TARGETS[parser], 0.0
    for seed in target.seeds():
        target.run(seed)  # what is imported and cached at first use is nobody's slowness

    def run(data: bytes) -> None:
        nonlocal slowest
        started = time.thread_time()
        target.run(data)
        taken = time.thread_time() - started
        if taken > slowest:
            slowest = taken
            (folder / "slowest.json").write_text(json.dumps({"seconds": taken, "bytes": len(data)}), "utf-8")
        if taken > SLOW_SECONDS:
            raise SlowInput(f"{taken:.3f} s for {len(data)} bytes")

    # libFuzzer takes the first argument for a program: to merge, it has a shell start it once more.
    again = shlex.join([sys.executable, "-m", "tests.fuzz.worker", parser, str(folder)])
    atheris.Setup([again, *sys.argv[3:]], run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
