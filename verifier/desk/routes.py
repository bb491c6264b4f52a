"""`GET /plain` and `POST /plain`: the front desk's plain page. It works without JavaScript and allows none."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import UploadFile
from starlette.staticfiles import StaticFiles

from vc_core.errors import Rejection
from vc_core.formats.printed_card import is_pin
from verifier.access import refuse_cross_site, require_password, staff_of
from verifier.checks.images import read_upload
from verifier.checks.service import CheckService
from verifier.desk.page import render_page
from verifier.desk.texts import DEFAULT_LANGUAGE, TEXTS
from verifier.settings import VerifierSettings

PLAIN_PATH = "/plain"
LANGUAGE_COOKIE = "language"
_YEAR_SECONDS = 365 * 24 * 3600
PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    # The page's own form must name its origin; "no-referrer" would turn that into "null".
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def desk_router(service: CheckService, settings: VerifierSettings) -> APIRouter:
    """The page, for people; in production it needs the desk's password."""
    router = APIRouter(include_in_schema=False, dependencies=[Depends(require_password(settings))])

    @router.get(PLAIN_PATH)
    async def show_desk(request: Request, language: str | None = None) -> Response:
        if language in TEXTS:
            return _remember_language(str(language), secure=settings.public_url.startswith("https:"))
        return page_response(render_page(settings, language_of(request)))

    @router.post(PLAIN_PATH, dependencies=[Depends(refuse_cross_site(settings))])
    async def check(request: Request) -> Response:
        language = language_of(request)
        async with request.form(max_files=1, max_fields=3) as form:
            text, pin, image = form.get("qr"), form.get("pin"), form.get("image")
            read: str | Rejection
            if isinstance(text, str) and text.strip():
                read = text
            elif isinstance(image, UploadFile) and image.size:
                read = await service.read_image(await read_upload(image))
            else:
                return page_response(render_page(settings, language, notice="nothing_given"), 400)
        said = pin if isinstance(pin, str) and is_pin(pin) else None
        verdict = await service.check(read, pin=said, staff_id=staff_of(request))
        return page_response(render_page(settings, language, verdict, read=read if isinstance(read, str) else None))

    return router


def desk_static_files() -> StaticFiles:
    """The page's style sheet and icon; there is nothing secret in them."""
    return StaticFiles(directory=Path(__file__).parent / "static")


def language_of(request: Request) -> str:
    """The language that the desk chose last, or Thai."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, DEFAULT_LANGUAGE)
    return chosen if chosen in TEXTS else DEFAULT_LANGUAGE


def _remember_language(language: str, *, secure: bool) -> Response:
    answer = RedirectResponse(PLAIN_PATH, 303, headers=PAGE_HEADERS)
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR_SECONDS, httponly=True, samesite="lax", secure=secure)
    return answer


def page_response(html: str, status: int = 200) -> HTMLResponse:
    """A page, with the headers that every page of the desk has."""
    return HTMLResponse(html, status, headers=PAGE_HEADERS)
