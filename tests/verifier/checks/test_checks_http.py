"""`POST /checks` as HTTP: bodies, media types, who may ask, and what is logged."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest

from tests.verifier.conftest import DESK_TOKEN, Desk, OpenDesk


async def test_verdicts_are_not_cached(sqlite_desk: Desk) -> None:
    response = await sqlite_desk.client.post("/checks", json={"qr": sqlite_desk.show()})
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("body", [{}, {"qr": 1}, {"qr": "x", "more": 1}, [], "text"])
async def test_bodies_of_another_form(sqlite_desk: Desk, body: Any) -> None:
    response = await sqlite_desk.client.post("/checks", json=body)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("text", ["\\ud800", "SB1:\\ud800", "SB1:\\u0000", "eyJ~\\udfff"])
async def test_texts_that_are_no_unicode(sqlite_desk: Desk, text: str) -> None:
    response = await sqlite_desk.client.post(
        "/checks", content=f'{{"qr": "{text}"}}', headers={"Content-Type": "application/json"}
    )
    assert response.status_code in (200, 400)
    assert response.json()["code"] in ("NOT_A_CREDENTIAL", "MALFORMED", "invalid_request")


async def test_json_must_say_that_it_is_json(sqlite_desk: Desk) -> None:
    """A5: a form of another site can send JSON as text/plain."""
    response = await sqlite_desk.client.post("/checks", content='{"qr": "x"}', headers={"Content-Type": "text/plain"})
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


async def test_a_body_over_the_limit_is_not_read(sqlite_desk: Desk) -> None:
    """J7."""
    response = await sqlite_desk.client.post("/checks", json={"qr": "A" * 300_000})
    assert (response.status_code, response.json()["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
@pytest.mark.parametrize("path", ["/checks", "/plain"])
async def test_other_sites_pages_get_no_verdict(sqlite_desk: Desk, path: str, headers: dict[str, str]) -> None:
    content: dict[str, Any] = {"json": {"qr": sqlite_desk.show()}} if path == "/checks" else {"data": {"qr": "x"}}
    response = await sqlite_desk.client.post(path, headers=headers, **content)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")


@pytest.mark.postgres
async def test_production_asks_for_the_desk_token(open_desk: OpenDesk, postgres_url: str) -> None:
    async with open_desk(postgres_url, profile="production", public_url="https://desk.test") as desk:
        qr = desk.show()
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic ZGVzazp4"}):
            response = await desk.client.post("/checks", json={"qr": qr}, headers=headers)
            assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
            assert response.headers["www-authenticate"] == "Bearer"
        response = await desk.client.post("/checks", json={"qr": qr}, headers={"Authorization": f"Bearer {DESK_TOKEN}"})
        assert response.json()["code"] == "OK"


@pytest.mark.parametrize("body", ['{"qr":"x","qr":"y"}', '{"qr":"x"', "", "[" * 100_000, '{"qr":NaN}'])
async def test_bodies_that_are_no_json(sqlite_desk: Desk, body: str) -> None:
    """J10."""
    headers = {"Content-Type": "application/json; charset=utf-8"}
    response = await sqlite_desk.client.post("/checks", content=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("media_type", ["", "json", "text/json", "application/x-www-form-urlencoded", "multipart/json"])
async def test_other_media_types(sqlite_desk: Desk, media_type: str) -> None:
    response = await sqlite_desk.client.post("/checks", content='{"qr":"x"}', headers={"Content-Type": media_type})
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


async def test_the_description_says_what_is_answered(sqlite_desk: Desk) -> None:
    """The route that answers is not FastAPI's own; the one that describes it must say the same."""
    described = (await sqlite_desk.client.get("/openapi.json")).json()["paths"]["/checks"]["post"]
    assert described["requestBody"]["content"].keys() == {"application/json"}
    verdict = await sqlite_desk.check("nothing of ours")
    documented = (await sqlite_desk.client.get("/openapi.json")).json()["components"]["schemas"]["Verdict"]
    assert documented["properties"].keys() == verdict.keys()
    assert described["responses"].keys() >= {"200", "400", "401", "413"}


async def test_it_is_logged_by_its_pattern(
    sqlite_desk: Desk, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    await sqlite_desk.check("nothing of ours")
    caplog.set_level("INFO", logger="sabai.requests")
    await sqlite_desk.check("nothing of ours")
    [line] = map(json.loads, capsys.readouterr().err.splitlines())
    assert line.pop("time").endswith("Z")
    assert line.pop("milliseconds") >= 0
    assert line == {
        "level": "info",
        "logger": "sabai.requests",
        "message": "request",
        "method": "POST",
        "route": "/checks",
        "status": 200,
        "service": "verifier",
    }


async def test_an_answer_is_not_lost_with_its_line(
    sqlite_desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    caplog.set_level("INFO", logger="sabai.requests")
    assert (await sqlite_desk.check("nothing of ours"))["code"] == "NOT_A_CREDENTIAL"


async def test_a_client_that_goes_away_is_no_failure_of_ours(
    sqlite_desk: Desk, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    messages = iter([{"type": "http.request", "body": b'{"qr":', "more_body": True}, {"type": "http.disconnect"}])
    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/checks", "headers": headers, "query_string": b""}
    sent = []

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    caplog.set_level("INFO")
    await sqlite_desk.app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert [json.loads(each)["status"] for each in capsys.readouterr().err.splitlines()] == [400]
    assert [each for each in caplog.records if each.name != "httpx"] == []


async def test_it_takes_no_other_method(sqlite_desk: Desk) -> None:
    assert (await sqlite_desk.client.get("/checks")).status_code == 404
