"""Pages as HTML answers: the template in the reader's language, under headers that allow no script and no frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from issuer.pages.texts import DEFAULT_LANGUAGE, TEXTS

LANGUAGE_COOKIE = "language"
_YEAR_SECONDS = 365 * 24 * 3600
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(
    template: str, language: str, *, here: str, status: int = 200, form_target: str = "", **content: Any
) -> HTMLResponse:
    """The page from a template; `here` is its own address up to the language parameter.

    `form_target` is a source of the Content-Security-Policy, besides this origin, where the browser may go after a
    form: browsers hold the redirect to it as well.
    """
    names = [(code, texts["language_name"]) for code, texts in TEXTS.items()]
    html = _templates.get_template(template).render(
        texts=TEXTS[language], language=language, languages=names, here=here, **content
    )
    return HTMLResponse(html, status, headers=headers(form_target))


def headers(form_target: str = "") -> dict[str, str]:
    """The headers of every page and of every redirect from one."""
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {form_target}; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        # A page's own form must name its origin; "no-referrer" would turn that into "null".
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }


def language_of(request: Request) -> str:
    """The language that the reader chose last, or else the first of ours that their browser names, or Thai."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in TEXTS:
        return chosen
    for preference in request.headers.get("accept-language", "")[:200].split(","):
        code = preference.partition(";")[0].strip().lower()[:2]
        if code in TEXTS:
            return code
    return DEFAULT_LANGUAGE


def redirect_to_language(address: str, language: str, *, secure: bool) -> RedirectResponse:
    """Remembers the chosen language and shows the page anew."""
    answer = RedirectResponse(address, 303, headers=headers())
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR_SECONDS, httponly=True, samesite="lax", secure=secure)
    return answer


def static_files() -> StaticFiles:
    """The pages' style sheet and icon; there is nothing secret in them."""
    return StaticFiles(directory=Path(__file__).parent / "static")
