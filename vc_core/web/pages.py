"""Serving pages that were built from `web/`: files named by their content, and the page that names them.

The pages allow no script but their own; each service says which other origins they speak to.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_NOT_BUILT = "The pages of this service are not built: run make pages.\n"


class Pages(StaticFiles):
    """The files of one application, with the headers that belong to them."""

    def __init__(self, built: Path, *, connects_to: Sequence[str]) -> None:
        """`built` is the folder that the build wrote; it may be missing. `connects_to` are sources of the CSP."""
        super().__init__(directory=built, html=True, check_dir=False)
        self._built = built
        self._headers = {
            "Content-Security-Policy": (
                "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; "
                f"connect-src 'self' {' '.join(connects_to)}; manifest-src 'self'; worker-src 'self'; media-src blob:; "
                "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
                "trusted-types service-worker"
            ),
            "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    async def check_config(self) -> None:
        """Nothing to check: a folder that is not there is answered for with each request."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """See `StaticFiles`; what is not asked for with GET is not there, as where there are no pages."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(404)
        if not (self._built / "index.html").is_file() and path == ".":
            return PlainTextResponse(_NOT_BUILT, 503, headers={"Cache-Control": "no-store"})
        answer = await super().get_response(path, scope)
        answer.headers.update(self._headers)
        is_named_by_content = path.startswith("assets/")
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_named_by_content else "no-cache"
        return answer


def mount_pages(app: FastAPI, built: Path, *, path: str = "/", connects_to: Sequence[str] = ()) -> None:
    """Serves the pages at a path, compressed, behind every route that the service has added before."""
    app.mount(path, GZipMiddleware(Pages(built, connects_to=connects_to)), name="pages")
