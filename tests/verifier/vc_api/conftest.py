"""A verifier in process, and a web that answers what a test puts on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.clock import SetClock
from tests.support.lifespan import lifespan_of
from tests.verifier.conftest import PUBLIC_URL, Registry, create_settings
from vc_core.http import HttpClient
from verifier.app import create_app


@dataclass
class Web:
    """What is at which address, and which addresses were asked for."""

    pages: dict[str, httpx.Response] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The page, or 404."""
        self.asked.append(str(request.url))
        return self.pages.get(str(request.url), httpx.Response(404))


@dataclass
class Api:
    """The verifier's VC API."""

    client: httpx.AsyncClient
    web: Web
    clock: SetClock

    async def verify(self, credential: Any, **options: Any) -> httpx.Response:
        """The answer on a credential."""
        body = {"verifiableCredential": credential, "options": options}
        return await self.client.post("/vc-api/credentials/verify", json=body)

    async def verify_presentation(self, presentation: Any, **options: Any) -> httpx.Response:
        """The answer on a presentation."""
        body = {"verifiablePresentation": presentation, "options": options}
        return await self.client.post("/vc-api/presentations/verify", json=body)

    async def code(self, credential: Any, **options: Any) -> str:
        """`OK`, or the code of the refusal, whose form is checked."""
        return _code(await self.verify(credential, **options))

    async def presentation_code(self, presentation: Any, **options: Any) -> str:
        """The same of a presentation."""
        return _code(await self.verify_presentation(presentation, **options))


def _code(response: httpx.Response) -> str:
    answer = response.json()
    if response.status_code == 200:
        assert answer["verified"]
        assert answer["errors"] == answer["problemDetails"] == []
        return "OK"
    assert response.status_code in (400, 422), response.text
    assert not answer["verified"]
    assert answer["errors"] == [answer["detail"]]
    assert answer["problemDetails"][0]["code"] == answer["code"]
    return str(answer["code"])


@pytest.fixture
async def api(registry: Registry, clock: SetClock, tmp_path: Path) -> AsyncIterator[Api]:
    """The VC API of a running verifier of the embedded profile; it keeps nothing in the database."""
    web = Web()
    http = HttpClient(transport=httpx.MockTransport(web.answer))
    settings = create_settings(registry, f"sqlite+aiosqlite:///{tmp_path / 'verifier.sqlite'}")
    app = create_app(settings, clock=clock, ledger=registry.chain.ledger, http=http)
    transport = httpx.ASGITransport(app)
    async with (
        lifespan_of(app),
        httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client,
    ):
        yield Api(client, web, clock)
    await http.close()
