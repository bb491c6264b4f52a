"""The page that a phone opens first, by plain http: the authority's certificate, what to do with it, and the way in."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from sabai.lan.authority import LanAuthority
from vc_core.credential_types.definition import LANGUAGES
from wallet_sdk.qr import create_svg

_HERE = Path(__file__).parent
_TEXTS: Mapping[str, Mapping[str, str]] = {
    language: tomllib.loads((_HERE / "texts" / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES
}
_PAGES = {"wallet": "backend", "desk": "verifier", "office": "issuer"}
_templates = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def create_welcome_app(authority: LanAuthority, *, here: str, urls: Mapping[str, str]) -> FastAPI:
    """The page at the address `here`; `urls` are those of the services by their names."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=_HERE / "static"))
    certificate = authority.certificate.public_bytes(Encoding.DER)
    code = create_svg(here)

    @app.get("/")
    async def show(request: Request, language: str = "") -> Response:
        read = language if language in _TEXTS else _language_of(request.headers.get("accept-language", ""))
        html = _templates.get_template("welcome.html").render(
            texts=_TEXTS[read],
            language=read,
            languages=[(each, _TEXTS[each]["language_name"]) for each in LANGUAGES],
            fingerprint=authority.fingerprint,
            pages=[(page, urls[service]) for page, service in _PAGES.items()],
            here=here,
        )
        return HTMLResponse(html, headers=_HEADERS)

    @app.get("/sabai-ca.crt")
    async def download() -> Response:
        return Response(certificate, media_type="application/x-x509-ca-cert", headers=_HEADERS)

    @app.get("/this-page.svg")
    async def draw() -> Response:
        return Response(code, media_type="image/svg+xml", headers=_HEADERS)

    return app


def _language_of(accepted: str) -> str:
    """The first of our languages that a browser names, or English: these pages are for developers."""
    for preference in accepted[:200].split(","):
        code = preference.partition(";")[0].strip().lower()[:2]
        if code in _TEXTS:
            return code
    return "en"
