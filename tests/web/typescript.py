"""The pages' own modules in Node, for what needs no browser."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.node import NODE


def run_in_node(program: str, given: bytes = b"") -> bytes:
    """What a program of this folder, which imports the modules as they are, makes of its standard input."""
    command = [NODE, "--import", "./typescript.mjs", program]
    run = subprocess.run(command, cwd=Path(__file__).parent, input=given, capture_output=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout
