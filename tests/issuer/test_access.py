"""Row A1: every route of the issuer by every role, and none that this table does not know."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts

from issuer.access import Authenticate, Principal
from issuer.app import create_app
from issuer.officers.roles import OfficeRole
from issuer.settings import IssuerSettings
from tests.issuer.conftest import Chain
from tests.issuer.wallet import ISSUER
from tests.support.clock import SetClock
from tests.support.lifespan import lifespan_of
from vc_core.errors import Unauthenticated
from vc_core.http import HttpClient

OFFICER, APPROVER, AUDITOR = ({role} for role in OfficeRole)
READER = set(OfficeRole)

OF_THE_OFFICE = {
    "GET /people": READER,
    "POST /people": OFFICER,
    "GET /people/{person_id}": READER,
    "GET /people/{person_id}/credentials": READER,
    "GET /people/{person_id}/portrait": READER,
    "PUT /people/{person_id}/portrait": OFFICER,
    "DELETE /people/{person_id}/portrait": OFFICER,
    "POST /people/{person_id}/status": OFFICER,
    "POST /people/{person_id}/sign-in-codes": OFFICER,
    "POST /offers": OFFICER,
    "GET /offers/{reference}/progress": READER,
    "GET /credential-sets": READER,
    "POST /credential-sets/{set_id}/approve": APPROVER,
    "POST /credential-sets/{set_id}/refuse": APPROVER,
    "POST /people/{person_id}/renew": OFFICER,
    "POST /jobs/renewals": OFFICER,
    "POST /jobs/status-changes": OFFICER,
    "GET /jobs": READER,
    "GET /jobs/{job_id}": READER,
    "GET /jobs/{job_id}/failures": READER,
    "POST /jobs/{job_id}/start": OFFICER,
    "POST /jobs/{job_id}/begin": OFFICER,
    "POST /jobs/{job_id}/pause": OFFICER,
    "POST /jobs/{job_id}/cancel": OFFICER | APPROVER,
    "GET /status-lists": READER,
    "POST /status-lists/publish": OFFICER,
    "GET /registry": READER,
    "GET /officers": READER,
    "POST /officers": APPROVER,
    "GET /officers/me": READER,
    "PATCH /officers/{officer_id}": APPROVER,
    "POST /officers/{officer_id}/invitations": APPROVER,
    "DELETE /officers/{officer_id}/passkeys": APPROVER,
    "GET /proposals": READER,
    "POST /proposals/{proposal_id}/approve": APPROVER,
    "POST /proposals/{proposal_id}/reject": APPROVER,
    "GET /audit": AUDITOR,
    "GET /audit/verification": AUDITOR,
    "GET /audit/heads": AUDITOR,
    "POST /audit/batches": OFFICER,
    "POST /status/batches": OFFICER,
    "POST /vc-api/credentials/issue": OFFICER,
    "POST /vc-api/credentials/status": OFFICER,
}
OF_EVERYONE = {
    "GET /openapi.json",
    "GET /healthz",
    "GET /readyz",
    "GET /.well-known/openid-credential-issuer",
    "GET /.well-known/oauth-authorization-server",
    "GET /credential-types",
    "GET /hospitals",
    "GET /offers/open",
    "GET /offers/{reference}",
    "GET /offers/{reference}/qr.png",
    "POST /token",
    "POST /par",
    "POST /challenge",
    "GET /authorize",
    "GET /authorize/page",
    "POST /authorize/code",
    "POST /authorize/sign-in",
    "POST /authorize/present",
    "GET /authorize/presented",
    "POST /authorize/decision",
    "POST /authorize/presentation",
    "POST /nonce",
    "GET /officers/sign-in",
    "POST /officers/sign-in",
    "POST /officers/sign-in/options",
    "DELETE /officers/session",
    "POST /officers/invitations/open",
    "POST /officers/invitations/accept",
    "POST /credential",
    "POST /deferred_credential",
    "POST /notification",
    "POST /renewals",
    "GET /status",
    "GET /status/{list_id}",
    "GET /status/{list_id}/{part}",
    "GET /status/{list_id}/{number}/proof",
    "GET /status/{list_id}/{form}/{number}",
    "GET /status/{list_id}/{form}/{number}/proof",
    "GET /1.0/identifiers/{did:path}",
    "GET /contexts/{name}/{version}",
    "GET /schemas/{name}/{version}",
    "GET /vct/{vct}",
    "MOUNT /pages",
    "MOUNT /",
}
"""What names no role: published, or protected by what a wallet or a patient has to show."""


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Who may ask does not depend on the kind of database."""
    return f"sqlite+aiosqlite:///{tmp_path / 'issuer.sqlite'}"


@pytest.fixture
async def app(
    settings: IssuerSettings, chain: Chain, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FastAPI]:
    """An issuer that takes the name of a role for a token."""
    monkeypatch.setattr("issuer.office.bearer_or_session", lambda *_all: _named_roles())
    http = HttpClient()
    created = create_app(settings, clock=clock, ledger=chain.ledger, http=http)
    async with lifespan_of(created):
        yield created
    await http.close()


def _named_roles() -> Authenticate:
    async def authenticate(request: Request) -> Principal:
        role = request.headers.get("authorization", "").removeprefix("Bearer ")
        if role not in list(OfficeRole):
            raise Unauthenticated("A bearer token is needed.")
        return Principal(role, "", frozenset({OfficeRole(role)}))

    return authenticate


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is not on the issuer's machine."""
    transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield client


def test_every_route_is_in_the_table(app: FastAPI) -> None:
    found = set()
    for route in iter_route_contexts(app.routes):
        methods = (route.methods or {"MOUNT"}) - {"HEAD"}
        found |= {f"{method} {route.path or '/'}" for method in methods}
    assert found == OF_THE_OFFICE.keys() | OF_EVERYONE


async def test_what_the_office_does_is_for_those_who_have_the_role(stranger: httpx.AsyncClient) -> None:
    for route, allowed in OF_THE_OFFICE.items():
        assert await _ask(stranger, route, None) == "unauthenticated", route
        for role in OfficeRole:
            answered = await _ask(stranger, route, role)
            assert (answered == "forbidden") is (role not in allowed), (route, role, answered)
            assert answered not in ("unauthenticated", "error"), (route, role)


async def test_what_is_for_everyone_asks_for_no_role(stranger: httpx.AsyncClient) -> None:
    for route in OF_EVERYONE - {"MOUNT /pages", "MOUNT /"}:
        assert await _ask(stranger, route, None) not in ("unauthenticated", "forbidden", "error"), route


async def _ask(client: httpx.AsyncClient, route: str, role: OfficeRole | None) -> str:
    """The code that the route answers with, `ok` where it does what was asked."""
    method, path = route.split(" ")
    headers = {} if role is None else {"Authorization": f"Bearer {role}"}
    answer = await client.request(method, re.sub(r"{.*?}", "0" * 32, path), headers=headers, json={})
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        assert answer.status_code < 500 or path == "/readyz", (route, answer.text)
        return "ok"
    return str(answer.json()["code"])
