"""A patient's browser: at our issuer's authorization page, and at our verifier's pages on the phone itself."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

import httpx

from tests.support.sample_services import SampleServices

FIRST_PERSON = {"identifier": "0990000079199", "day": "6", "month": "3", "year": "1994"}
"""Who the roster's first person says to be: what the page asks for."""


async def agree(services: SampleServices, url: str, *, decision: str = "allow") -> str:
    """Signs in as the roster's first person, decides, and returns where the browser is sent back to."""
    made = await services.officer_post(f"/people/{services.people[0]}/sign-in-codes", {}, expected=201)
    async with httpx.AsyncClient(trust_env=False, timeout=60) as browser:
        page = await browser.get(url, follow_redirects=True)
        page = await _submit(browser, page, "sign-in", {**FIRST_PERSON, "code": made["code"]}, follow=True)
        sent_back = await _submit(browser, page, "decision", {"decision": decision}, follow=False)
    assert sent_back.status_code == 303, sent_back.text
    return str(sent_back.headers["location"])


async def _submit(
    browser: httpx.AsyncClient, page: httpx.Response, action: str, fields: Mapping[str, str], *, follow: bool
) -> httpx.Response:
    """The form of the page that is shown."""
    found = re.search('name="form_token" value="([^"]+)"', page.text)
    assert found is not None, page.text
    address = page.url.join(f"/authorize/{action}")
    return await browser.post(address, data={**fields, "form_token": html.unescape(found[1])}, follow_redirects=follow)
