"""What people see of a screen, and what holds for all of them: in each language and at each size, nothing is cut off,
and axe finds nothing against WCAG 2.2 AA.

With `SABAI_SCREENSHOTS` set to a folder (`make screenshots`) each is kept there as a picture, for people to look at.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect

from tests.web.pages import expect_nothing_clipped
from vc_core.credential_types.definition import LANGUAGES

PHONE: ViewportSize = {"width": 360, "height": 740}
SCREEN: ViewportSize = {"width": 1280, "height": 800}
_AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def look(page: Page, name: str, *sizes: ViewportSize) -> None:
    """Looks at the screen that is open, at these sizes (the phone's, if none is named), in all five languages.

    A screen without a choice of languages is looked at in the language that it has. Afterwards all is as before.
    """
    page.get_by_role("heading").first.wait_for()  # without one, it is still being loaded
    before_size, before = page.viewport_size, page.evaluate("document.documentElement.lang")
    has_choice = page.locator(".language select, .languages button").count() > 0
    for language in LANGUAGES if has_choice else [before]:
        if has_choice:
            _choose(page, language)
        for size in sizes or (PHONE,):
            page.set_viewport_size(size)
            expect_nothing_clipped(page)
            _keep(page, f"{name}-{language}-{size['width']}.png")
    for size in sizes or (PHONE,):
        page.set_viewport_size(size)
        expect_accessible(page)
    if has_choice:
        _choose(page, before)
    if before_size is not None:
        page.set_viewport_size(before_size)


def _choose(page: Page, language: str) -> None:
    """By the menu of languages, or by its button."""
    menu = page.locator(".language select")
    if menu.count():
        menu.select_option(language)
    else:
        page.locator(f".languages button[lang={language}]").click()
    expect(page.locator(f"html[lang={language}]")).to_have_count(1)


def expect_accessible(page: Page) -> None:
    """axe finds nothing wrong with the page as it is."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", _RULES)["violations"]
    assert found == [], "\n".join(
        f"{each['id']}: {each['help']}: {node['html'][:150]} {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    )


@cache
def _axe() -> str:
    return _AXE.read_text("utf-8")


def _keep(page: Page, name: str) -> None:
    folder = os.environ.get("SABAI_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / name, full_page=True)
