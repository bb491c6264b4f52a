"""The wallet's pages on a processor that is slowed down four times, as a cheap phone's is: opening, and the code for a
desk, compared with the two signatures that the phone can't do without.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.support.browser import ARGUMENTS, CHROMIUM
from tests.web.look import PHONE
from tests.web.phone import take_first
from tests.web.services import Services, started_services

SLOWER = 4
ROUNDS = 5
REDRAW_MS = 26_000
_SIGN = """async () => {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const [message, times] = [new Uint8Array(600), 50];
  const started = performance.now();
  for (let each = 0; each < times; each += 1)
    await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, message);
  return (performance.now() - started) / times;
}"""


def measure_pages() -> str:
    """Medians of several rounds; a Markdown table."""
    with (
        tempfile.TemporaryDirectory(prefix="sabai-bench-") as folder,
        started_services(Path(folder)) as services,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        opened = statistics.median(_opening(browser, services) for _ in range(ROUNDS))
        redrawn, signed = _redraw(browser, services)
        browser.close()
    return "\n".join(
        [
            f"## The wallet's page, processor slowed down {SLOWER} times",
            "",
            "| what | milliseconds |",
            "|---|---|",
            f"| first visit: from the address until a choice of language is answered | {opened:,.0f} |",
            f"| a new code for a desk: the page's whole work | {redrawn:,.1f} |",
            f"| one P-256 signature by the browser | {signed:,.1f} |",
        ]
    )


def _slowed(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return session


def _opening(browser: Browser, services: Services) -> float:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    _slowed(page)
    page.goto(services.url("backend"), wait_until="commit")
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading").first.wait_for()
    taken = float(page.evaluate("performance.now()"))
    context.close()
    return taken


def _redraw(browser: Browser, services: Services) -> tuple[float, float]:
    """The main thread's work from one code to the next, ticks of the countdown included, and one signature."""
    offer = services.offer("InsuranceCoverage_qr_pass")
    page = browser.new_page(viewport=PHONE, device_scale_factor=2)
    page.clock.install()
    take_first(page, services, offer)
    page.locator(".card").first.click()
    page.get_by_role("button", name="Show to the hospital").click()
    page.locator("canvas.code").wait_for()
    session = _slowed(page)
    session.send("Performance.enable")
    found = []
    for _ in range(ROUNDS):
        before = _busy(session)
        page.clock.fast_forward(REDRAW_MS)
        page.wait_for_timeout(500)
        found.append(_busy(session) - before)
    signed = float(page.evaluate(_SIGN))
    page.close()
    return statistics.median(found), signed


def _busy(session: CDPSession) -> float:
    """Milliseconds that the page's main thread was at work up to now."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1000 * float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))
