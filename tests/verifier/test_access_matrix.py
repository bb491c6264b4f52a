"""A1: every route of the verifier, for everybody who may come to it, in production. A new route needs a line here."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from tests.support.hostile_texts import errors_of_ours
from tests.verifier.conftest import DESK_TOKEN, OpenDesk
from tests.verifier.staff.conftest import BEARER, COOKIE, Staffed, open_staffed

pytestmark = pytest.mark.postgres
PUBLIC_URL = "https://desk.test"
HOST_COOKIE = f"__Host-{COOKIE}"

# Who comes, in the order of the expected statuses below.
NOBODY, MEMBER, SUPERVISOR, TOKEN, MANAGER, SIGNED_OUT, FOREIGN = (
    "nobody",
    "a member",
    "a supervisor",
    "the desk token",
    "the manager token",
    "a session that was signed out",
    "the cookie of another desk",
)
EVERYBODY = (NOBODY, MEMBER, SUPERVISOR, TOKEN, MANAGER, SIGNED_OUT, FOREIGN)


def open_to_all(status: int) -> dict[str, int]:
    """The same for everybody."""
    return dict.fromkeys(EVERYBODY, status)


def desk(status: int) -> dict[str, int]:
    """For the staff and the desk token."""
    return {**dict.fromkeys(EVERYBODY, 401), MEMBER: status, SUPERVISOR: status, TOKEN: status}


def plain(status: int) -> dict[str, int]:
    """A page without scripts: for the staff, and for the desk token as a password, which nobody here sends."""
    return {**desk(status), TOKEN: 401}


def supervisors(status: int) -> dict[str, int]:
    """For supervisors and the manager token; not for the desk token, which people type as a password."""
    return {**dict.fromkeys(EVERYBODY, 401), MEMBER: 403, SUPERVISOR: status, MANAGER: status}


# What each route answers to an empty JSON object (POST, PATCH) or to an id that there is not; new members have a name.
EXPECTED: dict[str, dict[str, int]] = {
    "GET /healthz": open_to_all(200),
    "GET /readyz": open_to_all(200),
    "GET /openapi.json": open_to_all(200),
    "GET /desk/texts": open_to_all(400),
    "GET /desk/state": open_to_all(200),
    "GET /plain": plain(200),
    "POST /plain": plain(400),
    "POST /ask": plain(303),
    "GET /ask/{request_id}": plain(404),
    "GET /ask/{request_id}/qr.svg": plain(404),
    "GET /ask/{request_id}/portrait.jpg": plain(404),
    "POST /checks": desk(400),
    "POST /checks/image": desk(400),
    "POST /challenges": desk(201),
    "GET /checks/today": desk(200),
    "POST /checks/{check_id}/face": desk(400),
    "POST /requests": desk(400),
    "GET /requests/{request_id}": desk(404),
    "GET /requests/{request_id}/qr.png": desk(404),
    "GET /requests/{request_id}/qr.svg": desk(404),
    "GET /requests/{request_id}/digital-credential": desk(404),
    "POST /requests/{request_id}/digital-credential": desk(400),
    "GET /signed-transactions/{signed_id}": desk(404),
    "GET /openid4vp/{handle}/request": open_to_all(404),
    "POST /openid4vp/{handle}/request": open_to_all(400),
    "POST /openid4vp/{handle}/response": open_to_all(400),
    "GET /openid4vp/{handle}/start": open_to_all(404),
    "GET /openid4vp/{handle}/return": open_to_all(403),
    "POST /trust-bundle": desk(422),
    "POST /vc-api/credentials/verify": desk(400),
    "POST /vc-api/presentations/verify": desk(400),
    "POST /staff/sign-in/options": open_to_all(200),
    "POST /staff/sign-in": open_to_all(400),
    "GET /staff/session": open_to_all(200),
    "POST /staff/invitations/open": open_to_all(400),
    "POST /staff/invitations/accept": open_to_all(400),
    "GET /staff/members": supervisors(200),
    "POST /staff/members": supervisors(201),
    "POST /staff/members/{member_id}/invitations": supervisors(404),
    "PATCH /staff/members/{member_id}": supervisors(404),
    "DELETE /staff/members/{member_id}/passkeys": supervisors(404),
    "DELETE /staff/session": open_to_all(204),
}
FILES = {"MOUNT /desk", "MOUNT /"}
"""Files that were built or come with the package: the same for everybody."""


@dataclass
class Visitor:
    """Somebody's headers."""

    name: str
    headers: dict[str, str]


@asynccontextmanager
async def production(open_desk: OpenDesk, url: str) -> AsyncIterator[tuple[Staffed, FastAPI, list[Visitor]]]:
    """A desk in production, and everybody who comes to it."""
    async with open_staffed(open_desk, url, profile="production", public_url=PUBLIC_URL) as staffed:
        member, supervisor = await staffed.join("somsri"), await staffed.join("head", "supervisor")
        left = await staffed.join("left")
        ended = cookie_of(left.client)
        await left.client.delete("/staff/session")
        visitors = [
            Visitor(NOBODY, {}),
            Visitor(MEMBER, cookie_of(member.client)),
            Visitor(SUPERVISOR, cookie_of(supervisor.client)),
            Visitor(TOKEN, {"Authorization": f"Bearer {DESK_TOKEN}"}),
            Visitor(MANAGER, BEARER),
            Visitor(SIGNED_OUT, ended),
            Visitor(FOREIGN, {"Cookie": f"{HOST_COOKIE}={'A' * 43}"}),
        ]
        app = staffed.client._transport.app  # type: ignore[attr-defined]
        yield staffed, app, visitors


def cookie_of(client: httpx.AsyncClient) -> dict[str, str]:
    """A browser's session."""
    return {"Cookie": f"{HOST_COOKIE}={client.cookies[HOST_COOKIE]}"}


def routes_of(app: FastAPI) -> set[str]:
    """`METHOD /path` of every route; `MOUNT` where files are."""
    found = set()
    for route in iter_route_contexts(app.routes):
        methods = (route.methods or {"MOUNT"}) - {"HEAD"}
        found |= {f"{method} {route.path or '/'}" for method in methods}
    return found


async def test_every_route_for_everybody(open_desk: OpenDesk, postgres_url: str) -> None:
    async with production(open_desk, postgres_url) as (staffed, app, visitors):
        assert routes_of(app) - FILES == set(EXPECTED)
        await expect_no_page_of_another_site(staffed.client, visitors[2])
        found: dict[str, dict[str, int]] = {}
        for route in EXPECTED:  # signing out comes last
            found[route] = {each.name: await status_of(staffed.client, route, each) for each in visitors}
        assert found == EXPECTED


async def test_no_address_is_an_error_of_ours(open_desk: OpenDesk, postgres_url: str) -> None:
    """PostgreSQL has no NUL in texts: ids with one are looked for nowhere."""
    bodies = {"/checks/{check_id}/face": {"same_person": True}, "/staff/members/{member_id}": {"active": False}}
    async with production(open_desk, postgres_url) as (staffed, _app, visitors):
        for route in (each for each in EXPECTED if "{" in each):
            method, _, path = route.partition(" ")
            url = re.sub(r"{\w+}", "a%00", path)
            answer = await staffed.client.request(method, url, json=bodies.get(path, {}), headers=visitors[2].headers)
            assert 400 <= answer.status_code < 500, route
            assert path not in bodies or answer.status_code == 404, route
        asked, failed = await errors_of_ours(staffed.client, [visitors[2].headers, visitors[3].headers])
        assert failed == []
        assert asked > 50


async def status_of(client: httpx.AsyncClient, route: str, visitor: Visitor) -> int:
    """What this visitor is answered."""
    method, _, path = route.partition(" ")
    path = path.replace("{", "").replace("}", "")
    if method == "POST" and path in ("/plain", "/ask"):
        return (await client.request(method, path, data={"x": "1"}, headers=visitor.headers)).status_code
    content = {"name": "Malee", "role": "desk"} if route == "POST /staff/members" else {}
    body: dict[str, Any] = {"json": content} if method in ("POST", "PATCH") else {}
    return (await client.request(method, path, headers=visitor.headers, **body)).status_code


async def expect_no_page_of_another_site(client: httpx.AsyncClient, supervisor: Visitor) -> None:
    """No route that changes anything takes a request of one, even with a supervisor's cookie."""
    elsewhere = Visitor(supervisor.name, {**supervisor.headers, "Sec-Fetch-Site": "cross-site"})
    for route in EXPECTED:
        if not route.startswith("GET ") and not route.startswith("POST /openid4vp/"):
            assert await status_of(client, route, elsewhere) == 400, route
