"""The kept inputs of each parser, one text file each: a note of where they come from, then base64, an input a line."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"
_NOTE = """\
# Inputs of the parser `{parser}` that reach different code, one a line in base64: made from the seeds of
# tests/fuzz/targets.py by atheris and minimised (make fuzz). Their format is the target's; tests replay them all.
"""


def load_corpus(parser: str) -> list[bytes]:
    """The inputs kept for a parser; none where nothing was kept yet."""
    path = FOLDER / f"{parser}.txt"
    lines = path.read_text("ascii").splitlines() if path.is_file() else []
    return [base64.b64decode(line, validate=True) for line in lines if not line.startswith("#")]


def save_corpus(parser: str, inputs: Iterable[bytes]) -> None:
    """Keeps these inputs, shortest first, in place of those before."""
    lines = [base64.b64encode(data).decode("ascii") for data in sorted(set(inputs), key=lambda each: (len(each), each))]
    (FOLDER / f"{parser}.txt").write_text(_NOTE.format(parser=parser) + "".join(f"{line}\n" for line in lines), "ascii")
