"""Bodies that FastAPI reads into a model, on a router that reads them strictly."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, ConfigDict

from vc_core.web.json_body import StrictJsonRoute
from vc_core.web.problem import install_error_handlers


class Anything(BaseModel):
    """A body with a member of any form."""

    model_config = ConfigDict(extra="forbid")

    value: Any


def _app() -> FastAPI:
    app, router = FastAPI(), APIRouter(route_class=StrictJsonRoute)

    async def answer(body: Anything) -> Anything:
        return body

    router.add_api_route("/", answer, methods=["POST"])
    app.include_router(router)
    install_error_handlers(app)
    return app


async def _post(content: str, media_type: str = "application/json") -> httpx.Response:
    transport = httpx.ASGITransport(_app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://service.test") as client:
        return await client.post("/", content=content, headers={"Content-Type": media_type})


async def test_what_is_strict_json_is_taken() -> None:
    got = await _post('{ "value": ["\\u0e01", 1] }')
    assert (got.status_code, got.json()) == (200, {"value": ["ก", 1]})


@pytest.mark.parametrize(
    "content",
    [
        '{"value":"\\ud800"}',
        '{"value":1,"\\ud800":1}',
        '{"value":NaN}',
        '{"value":-1e999}',
        '{"value":1,"value":2}',
        '{"value":{"a":1,"a":2}}',
        '{"value":' + "[" * 40 + "]" * 40 + "}",
        '{"value":' + "[" * 20_000,
        '{"value":' + "9" * 5_000 + "}",
        "{",
        "[]",
        "",
    ],
)
async def test_what_is_not_is_an_invalid_request(content: str) -> None:
    got = await _post(content)
    assert (got.status_code, got.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "text/plain; charset=application/json", "multipart/form-data"]
)
async def test_what_does_not_say_that_it_is_json_is_not_taken(media_type: str) -> None:
    """A5: this much a page of another site can send without asking."""
    got = await _post('{"value":1}', media_type)
    assert (got.status_code, got.json()["code"]) == (415, "unsupported_media_type")
