"""Independent implementations from npm that sign and check credentials, each a program that answers JSON lines."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.node import NODE, require_packages

FOLDER = Path(__file__).parent / "credential_peers"


class PeerRefused(Exception):
    """What the peer threw, as it says it."""


@dataclass(frozen=True)
class Peer:
    """A running peer."""

    process: subprocess.Popen[str]

    def ask(self, method: str, **params: Any) -> Any:
        """The answer of one of the methods that its script names. Raises `PeerRefused`."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"method": method, "params": params}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise PeerRefused(answer["error"])
        return answer["result"]


@contextmanager
def running_peer(script: str) -> Iterator[Peer]:
    """Starts one of the scripts in `credential_peers`, by its name without `.mjs`; skips the test where it can't."""
    require_packages(FOLDER)
    with running_program(NODE, str(FOLDER / f"{script}.mjs")) as peer:
        yield peer


@contextmanager
def running_program(*command: str) -> Iterator[Peer]:
    """Starts a program that answers JSON lines, and ends it at the end."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    with process:
        try:
            yield Peer(process)
        finally:
            process.kill()
