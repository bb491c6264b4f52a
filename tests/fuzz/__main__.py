"""`make fuzz ARGS="<parser> <seconds>"`: fuzzes one parser, or each in turn, and keeps the corpus minimised.

Ends with 1 where there is a finding; its input then is in the corpus too, so that the tests show it until it is mended.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.corpus import load_corpus, save_corpus
from tests.fuzz.targets import TARGETS, starting_inputs

MAX_CORPUS_BYTES = 40_000
"""Of all inputs kept for a parser: the shortest stay."""
_STATISTICS = re.compile(r"#(\d+)\s+DONE\s+cov: (\d+) ft: (\d+)")


def main() -> None:
    """Fuzzes the parsers named on the command line (all when none is), so many seconds each."""
    *parsers, seconds = sys.argv[1:] or ["60"]
    unknown = set(parsers) - TARGETS.keys()
    if unknown or not seconds.isdigit():
        sys.exit(f"usage: make fuzz ARGS='[{' | '.join(TARGETS)}] <seconds each>'")
    found = [fuzz(parser, int(seconds)) for parser in parsers or TARGETS]
    sys.exit(1 if any(found) else 0)


def fuzz(parser: str, seconds: int) -> list[Path]:
    """Fuzzes one parser, writes its corpus and prints what happened; returns the findings' inputs."""
    with tempfile.TemporaryDirectory(prefix="sabai-fuzz-") as folder:
        work = Path(folder)
        known, grown, minimised = (work / name for name in ("known", "grown", "minimised"))
        _unpack(known, [*starting_inputs(parser), *load_corpus(parser)])
        grown.mkdir()
        length = f"-max_len={TARGETS[parser].longest}"
        log = _run(
            parser, work, str(grown), str(known),
            f"-max_total_time={seconds}", length, "-timeout=20", f"-artifact_prefix={work}/",
        )  # fmt: skip
        findings = sorted([*work.glob("crash-*"), *work.glob("timeout-*"), *work.glob("oom-*")])
        minimised.mkdir()
        _run(parser, work, str(minimised), str(known), str(grown), "-merge=1", length)
        kept = [*_shortest(minimised), *(path.read_bytes() for path in findings)]
        save_corpus(parser, kept)
        sys.stdout.write(f"{parser}: {seconds} s, {_figures(log)}, {_slowest(work)}, {len(kept)} inputs kept\n")
        if findings:
            sys.stdout.write(f"{len(findings)} findings:\n{log[-4000:]}\n")
        sys.stdout.flush()
        return findings


def _unpack(folder: Path, inputs: list[bytes]) -> None:
    folder.mkdir()
    for data in inputs:
        (folder / hashlib.sha256(data).hexdigest()).write_bytes(data)


def _shortest(folder: Path) -> list[bytes]:
    """The shortest inputs in the folder, up to `MAX_CORPUS_BYTES` together."""
    inputs = sorted((path.read_bytes() for path in folder.iterdir()), key=len)
    return [
        data
        for data, total in zip(inputs, itertools.accumulate(map(len, inputs)), strict=True)
        if total <= MAX_CORPUS_BYTES
    ]


def _run(parser: str, work: Path, *arguments: str) -> str:
    """What libFuzzer wrote; it stops at the first finding."""
    command = [sys.executable, "-m", "tests.fuzz.worker", parser, str(work), *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode("utf-8", "replace")


def _figures(log: str) -> str:
    match = _STATISTICS.search(log)
    return f"{int(match[1]):,} executions, coverage {match[2]}, features {match[3]}" if match else "stopped early"


def _slowest(work: Path) -> str:
    slowest = json.loads((work / "slowest.json").read_text("utf-8"))
    return f"slowest input {1000 * slowest['seconds']:.1f} ms ({slowest['bytes']} bytes)"


if __name__ == "__main__":
    main()
