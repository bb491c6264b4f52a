"""The real services, a real browser, and what tests of pages look for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright

from tests.support.browser import running_chromium, running_playwright
from tests.web.look import PHONE
from tests.web.services import Services, started_services


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """`sabai up --sample` on free ports, once for all tests of pages in a process: none may count on an empty one."""
    with started_services(tmp_path_factory.mktemp("services")) as started:
        yield started


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """What starts browsers; there is one to a process."""
    with running_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's chromium."""
    with running_chromium(playwright) as started:
        yield started


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone of its own."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=2)
    yield context
    context.close()
