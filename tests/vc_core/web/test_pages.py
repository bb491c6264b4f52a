"""Serving built pages."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from vc_core.web.pages import mount_pages
from vc_core.web.problem import install_error_handlers


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """The folder of a build."""
    return tmp_path / "built"


@pytest.fixture
def client(built: Path) -> httpx.AsyncClient:
    """A service with pages."""
    app = FastAPI()
    install_error_handlers(app)
    mount_pages(app, built, connects_to=["https:"])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://pages.test")


async def test_pages_with_the_headers_that_belong_to_them(client: httpx.AsyncClient, built: Path) -> None:
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<p>page</p>")
    (built / "assets" / "app-1.js").write_text("1")
    page, script = await client.get("/"), await client.get("/assets/app-1.js")
    assert page.text == "<p>page</p>"
    assert page.headers["cache-control"] == "no-cache"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    for answer in (page, script):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'" in policy
        assert "connect-src 'self' https:" in policy
        assert "unsafe-inline" not in policy
    for outside in ("/assets/../../secret", "/%2e%2e/secret", "/nothing"):
        assert (await client.get(outside)).status_code == 404


async def test_pages_go_out_compressed(client: httpx.AsyncClient, built: Path) -> None:
    built.mkdir()
    (built / "index.html").write_text("<p>page</p>" * 1000)
    page = await client.get("/", headers={"Accept-Encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    assert int(page.headers["content-length"]) < 1000
    assert (await client.get("/", headers={"Accept-Encoding": "identity"})).text == page.text


async def test_pages_that_are_not_built_say_so(client: httpx.AsyncClient) -> None:
    assert (await client.get("/")).status_code == 503
    assert "make pages" in (await client.get("/")).text
    assert (await client.get("/nothing")).status_code == 404
