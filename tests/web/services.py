"""`sabai up --sample` as a process, as a stranger starts it and finds its way by `services.json`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ANSWER_SECONDS = 60
"""Nobody waits longer for an answer of a service, nor for one to end."""


@dataclass(frozen=True)
class Services:
    """The running services, as a stranger finds them in `services.json`."""

    written: dict[str, Any]

    def url(self, service: str) -> str:
        """The origin of a service."""
        return str(self.written[service])

    def call(self, method: str, service: str, path: str, body: Any = None) -> Any:
        """The answer of a service to its own staff."""
        token = self.written["tokens"]["officer" if service == "issuer" else "desk"]
        request = Request(  # noqa: S310 - a service on loopback
            self.url(service) + path,
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
            method=method,
        )
        with urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - as above
            return json.loads(answer.read() or "null")

    def offer(self, *configurations: str, person: str | None = None, **terms: Any) -> dict[str, Any]:
        """An offer of these to the person of that Latin name, or the first in the roster; with the person."""
        people = self.call("GET", "issuer", "/people")["people"]
        patient = next(each for each in people if person in (None, each["name_latin"]))
        order = {
            "person_id": patient["person_id"],
            "credential_configuration_ids": list(configurations),
            "tx_code_delivery": "in_person",
            **terms,
        }
        return {**patient, **self.call("POST", "issuer", "/offers", order)}


@contextmanager
def started_services(folder: Path, **environment: str) -> Iterator[Services]:
    """On free ports, with its data in this folder and these settings besides, until the block ends."""
    written = folder / "services.json"
    command = [sys.executable, "-m", "sabai", "up", "--data-dir", str(folder), "--ports", "0,0,0", "--sample"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **environment})
    try:
        deadline = time.monotonic() + 150
        while not written.exists():
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, "the services did not start: " + (folder / "log").read_text()
            time.sleep(0.1)
        yield Services(json.loads(written.read_bytes()))
    finally:
        process.terminate()
        process.wait(timeout=ANSWER_SECONDS)
