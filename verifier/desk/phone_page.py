"""Two small pages for a patient's browser, on the phone that holds the wallet: before the wallet opens, and after."""

from __future__ import annotations

from fastapi import Request

from verifier.desk.page import render_template
from verifier.desk.texts import DEFAULT_LANGUAGE, TEXTS
from verifier.settings import VerifierSettings

PHONE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # The address of the page is a secret between the phone and this service.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def render_start(settings: VerifierSettings, request: Request, link: str) -> str:
    """The page with the button that opens the wallet."""
    return render_template("phone.html", _language_of(request), settings, link=link)


def render_done(settings: VerifierSettings, request: Request) -> str:
    """The page that the browser comes back to."""
    return render_template("phone.html", _language_of(request), settings, link=None)


def _language_of(request: Request) -> str:
    """The first of our languages that the browser names; Thai where it names none."""
    for part in request.headers.get("accept-language", "")[:200].split(","):
        language = part.strip().partition(";")[0].partition("-")[0].lower()
        if language in TEXTS:
            return language
    return DEFAULT_LANGUAGE
