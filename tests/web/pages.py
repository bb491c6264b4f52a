"""What holds for every page at every size."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.support.browser import WAIT_SECONDS

_LANGUAGES = Path(__file__).parents[2] / "web" / "languages"


def text_of(language: str, key: str, **values: object) -> str:
    """A text of the pages in a language."""
    entries = json.loads((_LANGUAGES / f"{language}.json").read_text())
    return str(entries[key]["text"].format(**values))


def wait_for_value(page: Page, expression: str) -> Any:
    """What a promise in the page gives, asked for again until it is something true.

    Playwright's `wait_for_function` takes the promise itself for something true, so it would not wait.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while not (value := page.evaluate(expression)):
        assert time.monotonic() < deadline, f"it never came true: {expression}"
        page.wait_for_timeout(20)
    return value


def expect_said_in(page: Page, key: str) -> None:
    """The problem that is shown is this one, and is put in another language as soon as that is chosen."""
    menu, alert = page.locator(".language select"), page.get_by_role("alert")
    before = menu.input_value()
    for language in ("th", before):
        menu.select_option(language)
        expect(alert).to_have_text(text_of(language, key))


def expect_nothing_clipped(page: Page) -> None:
    """Nothing is wider than the phone, and no text than what it is in."""
    wider = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((each) =>
             each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1
             && getComputedStyle(each).display !== "inline"
           ).map((each) => each.outerHTML.slice(0, 80))"""
    )
    assert wider == [], wider
