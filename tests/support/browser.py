"""Debian's Chromium for tests, how long they wait for its pages, and reading the codes that it shows."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Playwright, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_SECONDS = 60
"""Longer than anything takes that works, on a machine that is busy with other tests too: a limit for what does not."""
expect.set_options(timeout=WAIT_SECONDS * 1000)


@contextmanager
def running_playwright() -> Iterator[Playwright]:
    """What starts browsers; there is one to a process."""
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail("chromium is missing, and CI must not skip")
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as started:
        yield started


@contextmanager
def running_chromium(playwright: Playwright, arguments: list[str] = ARGUMENTS) -> Iterator[Browser]:
    """A browser until the block ends."""
    started = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
    try:
        yield started
    finally:
        started.close()


def read_code(seen: Page | Locator, **how: Any) -> str:
    """The text of the one QR code on a page or a part of it, as soon as it is drawn: its place is there before it is.

    `how` is how the screenshot is made.
    """
    page = seen if isinstance(seen, Page) else seen.page
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        picture = Image.open(io.BytesIO(seen.screenshot(**how))).convert("RGB")
        found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
        if len(found) == 1:
            return str(found[0].text)
        assert time.monotonic() < deadline, f"{len(found)} codes instead of one"
        page.wait_for_timeout(50)
