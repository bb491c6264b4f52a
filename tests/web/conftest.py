"""The real services, a real browser, and what tests of pages look for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

from tests.verifier.desk.test_browser import ARGUMENTS, CHROMIUM, PHONE

# On a machine that is busy with other tests a page may need longer than the five seconds that are usual.
expect.set_options(timeout=20_000)


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
        with urlopen(request) as answer:  # noqa: S310 - as above
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


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """`sabai up --sample` on free ports, once for all tests of pages in a process: none may count on an empty one."""
    folder = tmp_path_factory.mktemp("services")
    written = folder / "services.json"
    command = [sys.executable, "-m", "sabai", "up", "--data-dir", str(folder), "--ports", "0,0,0", "--sample"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 90
        while not written.exists():
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, "the services did not start"
            time.sleep(0.1)
        yield Services(json.loads(written.read_bytes()))
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """What starts browsers; there is one to a process."""
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail("chromium is missing, and CI must not skip")
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's chromium."""
    started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield started
    started.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone of its own."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=2)  # type: ignore[arg-type]
    yield context
    context.close()
