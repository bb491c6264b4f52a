"""The real services, a real browser, and what tests of pages look for."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

from tests.verifier.desk.test_browser import ARGUMENTS, CHROMIUM, PHONE
from tests.web.services import Services, started_services

# On a machine that is busy with other tests a page may need longer than the five seconds that are usual.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """`sabai up --sample` on free ports, once for all tests of pages in a process: none may count on an empty one."""
    with started_services(tmp_path_factory.mktemp("services")) as started:
        yield started


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
