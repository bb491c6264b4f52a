"""Importing trust bundles at a desk: by request, from a folder, and beside a live ledger."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.support.chain import Chain
from tests.support.clock import SetClock
from tests.support.issuing import DAY, StatusServer, TestIssuer
from tests.support.lifespan import lifespan_of
from tests.verifier.conftest import PUBLIC_URL, Registry, create_settings
from vc_core.crypto.keys import P256Signer
from vc_core.did.multibase import multibase_encode
from vc_core.errors import SettingsError
from vc_core.formats.qr_pass import create_qr_presentation
from vc_core.formats.status_list import Status
from vc_core.http import HttpClient
from vc_core.ledger.mirror import MemoryMirrorStore, RegistryMirror
from vc_core.ledger.no_ledger import NoLedger
from vc_core.ledger.protocol import Ledger
from vc_core.ledger.snapshot import RegistrySnapshot
from vc_core.trust_bundle.contents import BundleContents, StatusListCopy
from vc_core.trust_bundle.envelope import MAX_BUNDLE_BYTES, create_trust_bundle
from verifier.app import create_app


async def read_registry(chain: Chain, clock: SetClock) -> RegistrySnapshot:
    """The registry as an operator with a node reads it."""
    mirror = RegistryMirror(chain.ledger, chain.addresses, MemoryMirrorStore(), clock)
    await mirror.advance()
    return mirror.snapshot()


@dataclass
class OfflineDesk:
    """A desk without ledger and network, and who makes bundles for it: here the issuer itself."""

    app: FastAPI
    client: httpx.AsyncClient
    clock: SetClock
    chain: Chain
    issuer: TestIssuer
    statuses: StatusServer
    holder: P256Signer = field(default_factory=P256Signer.generate)

    async def bundle(self, sequence: int = 1, **contents: Any) -> bytes:
        """A bundle of the registry and the issuer's status list as they are now."""
        contents.setdefault("snapshot", await read_registry(self.chain, self.clock))
        token = self.issuer.status_list_token(issued_at=self.clock())
        contents.setdefault("status_lists", (StatusListCopy(self.issuer.status_uri, token),))
        contents.setdefault("issued_at", self.clock())
        return create_trust_bundle(
            BundleContents(sequence=sequence, **contents),
            verification_method=self.issuer.status_method,
            signer=self.issuer.status_key,
        )

    async def post(self, bundle: bytes, **more: Any) -> httpx.Response:
        """The desk's answer to a file."""
        return await self.client.post("/trust-bundle", content=bundle, **more)

    async def imports(self, bundle: bytes) -> dict[str, Any]:
        """The desk's answer to a file that is good."""
        response = await self.post(bundle)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def refuses(self, bundle: bytes) -> str:
        """The sentence with which the desk refuses a file."""
        response = await self.post(bundle)
        assert response.status_code == 422, response.text
        assert response.json()["code"] == "trust_bundle_refused"
        return str(response.json()["detail"])

    async def check(self) -> dict[str, Any]:
        """The verdict on a patient with a good coverage."""
        shown = create_qr_presentation(
            self.issuer.create_pass(self.holder), holder=self.holder, presented_at=self.clock()
        )
        verdict: dict[str, Any] = (await self.client.post("/checks", json={"qr": shown})).json()
        return verdict


OpenOffline = Callable[..., Any]


@pytest.fixture
def open_offline(registry: Registry, issuer: TestIssuer, clock: SetClock, database_url: str) -> OpenOffline:
    """Opens the desk, without a ledger unless one is given; other settings by name."""

    @asynccontextmanager
    async def opened(ledger: Ledger | None = None, **changed: Any) -> AsyncIterator[OfflineDesk]:
        pinned = {
            "bundle_signer": issuer.did,
            "bundle_signer_key": multibase_encode(issuer.status_key.public_key.to_multikey()),
        }
        settings = create_settings(registry, database_url, **{**pinned, **changed})
        statuses = StatusServer(issuer, issued_at=clock(), down=True)
        http = HttpClient(transport=statuses.transport())
        chosen = ledger or NoLedger(registry.chain.ledger.chain_id)
        app = create_app(settings, clock=clock, ledger=chosen, http=http)
        transport = httpx.ASGITransport(app)
        async with (
            lifespan_of(app),
            httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client,
        ):
            yield OfflineDesk(app, client, clock, registry.chain, issuer, statuses)
        await http.close()

    return opened


@pytest.fixture
async def desk(open_offline: OpenOffline) -> AsyncIterator[OfflineDesk]:
    """A desk that knows nothing yet."""
    async with open_offline() as opened:
        yield opened


async def test_before_the_first_bundle_nothing_is_decided(desk: OfflineDesk) -> None:
    assert (await desk.client.get("/readyz")).status_code == 503
    verdict = await desk.check()
    assert (verdict["code"], verdict["ages"]["registry_seconds"]) == ("STALE_TRUST", None)


async def test_a_desk_verifies_with_what_a_bundle_told(desk: OfflineDesk) -> None:
    answer = await desk.imports(await desk.bundle())
    assert (answer["signer"], answer["sequence"], answer["age_seconds"]) == (desk.issuer.did, 1, 0)
    assert (answer["status_lists_taken"], answer["status_lists_refused"], answer["anchor"]) == (1, 0, None)
    assert answer["new_events"] > 0
    assert (await desk.client.get("/readyz")).status_code == 200

    desk.clock.advance(3 * 3600)
    verdict = await desk.check()
    assert verdict["code"] == "OK"
    assert verdict["ages"] == {"registry_seconds": 10_800, "trust_seconds": 10_800, "status_seconds": 10_800}
    desk.clock.advance(21 * 3600 + 1)
    assert (await desk.check())["code"] == "STALE_TRUST"

    answer = await desk.imports(await desk.bundle(2))
    assert (answer["new_events"], answer["status_lists_taken"], answer["age_seconds"]) == (0, 1, 0)
    assert (await desk.check())["code"] == "OK"


async def test_the_next_start_knows_what_was_imported(open_offline: OpenOffline) -> None:
    async with open_offline() as desk:
        older = await desk.bundle()
        desk.clock.advance(60)
        await desk.imports(await desk.bundle(2))
    async with open_offline() as desk:
        desk.clock.advance(60)
        verdict = await desk.check()
        assert verdict["code"] == "OK"
        assert verdict["ages"] == {"registry_seconds": 60, "trust_seconds": 60, "status_seconds": 60}
        assert "older than one" in await desk.refuses(older)


async def test_a_second_process_takes_up_what_the_first_imported(open_offline: OpenOffline) -> None:
    async with open_offline() as first, open_offline() as second:
        await first.imports(await first.bundle())
        assert (await second.check())["code"] == "STALE_TRUST"
        await second.app.state.bundles.follow()
        assert (await second.check())["code"] == "OK"


async def test_a_revocation_in_the_next_bundle(desk: OfflineDesk) -> None:
    await desk.imports(await desk.bundle())
    desk.clock.advance(60)
    desk.issuer.set_status(Status.INVALID)
    await desk.imports(await desk.bundle(2))
    assert (await desk.check())["code"] == "REVOKED"


async def test_a_status_list_serves_until_it_expires(desk: OfflineDesk) -> None:
    await desk.imports(await desk.bundle())
    desk.clock.advance(7 * DAY)
    answer = await desk.imports(await desk.bundle(2, status_lists=()))
    assert answer["age_seconds"] == 0
    assert (await desk.check())["code"] == "STATUS_UNAVAILABLE"


async def test_an_old_list_does_not_replace_a_newer_one(desk: OfflineDesk) -> None:
    old = StatusListCopy(desk.issuer.status_uri, desk.issuer.status_list_token(issued_at=desk.clock() - 10))
    desk.issuer.set_status(Status.INVALID)
    await desk.imports(await desk.bundle())
    answer = await desk.imports(await desk.bundle(2, status_lists=(old, StatusListCopy("https://x.example", "no"))))
    assert (answer["status_lists_taken"], answer["status_lists_not_newer"], answer["status_lists_refused"]) == (0, 1, 1)
    assert (await desk.check())["code"] == "REVOKED"


async def test_a_refused_bundle_changes_nothing(desk: OfflineDesk) -> None:
    good = await desk.bundle()
    await desk.imports(good)
    damaged = bytearray(await desk.bundle(2))
    damaged[len(damaged) // 2] ^= 1
    assert "changed" in await desk.refuses(bytes(damaged))
    assert await desk.refuses(good[:-1])
    assert "future" in await desk.refuses(await desk.bundle(3, issued_at=desk.clock() + 3600))
    answer = await desk.imports(good)
    assert (answer["new_events"], answer["status_lists_taken"]) == (0, 0)
    assert (await desk.check())["code"] == "OK"


async def test_too_large_a_file(desk: OfflineDesk) -> None:
    assert (await desk.post(bytes(MAX_BUNDLE_BYTES + 1))).status_code == 413


async def test_a_desk_with_a_ledger_takes_the_newer_of_both(open_offline: OpenOffline, registry: Registry) -> None:
    async with open_offline(registry.chain.ledger) as desk:
        await desk.app.state.registry.advance()
        desk.clock.advance(100)
        await desk.app.state.registry.advance()
        old = await desk.bundle()
        desk.clock.advance(100)
        await desk.app.state.registry.advance()
        answer = await desk.imports(old)
        assert (answer["new_events"], answer["age_seconds"]) == (0, 0)
        verdict = await desk.check()
        assert verdict["code"] == "OK"
        assert (verdict["ages"]["registry_seconds"], verdict["ages"]["status_seconds"]) == (0, 100)
        await desk.app.state.registry.advance()


async def test_bundles_in_a_folder(open_offline: OpenOffline, tmp_path: Path) -> None:
    folder = tmp_path / "carried"
    async with open_offline(trust_bundle=folder) as desk:
        assert (await desk.check())["code"] == "STALE_TRUST"
        folder.mkdir()
        (folder / "1.bundle").write_bytes(await desk.bundle())
        (folder / "0.bundle").write_bytes(b"damaged")
        (folder / "notes.txt").write_bytes(b"not looked at")
        (folder / "2.bundle").mkdir()
        await desk.app.state.bundles.follow()
        assert (await desk.check())["code"] == "OK"
    shutil.rmtree(folder)
    async with open_offline(trust_bundle=folder) as desk:
        desk.clock.advance(1)
        assert (await desk.check())["code"] == "OK"


async def test_a_bundle_file_is_there_at_start(open_offline: OpenOffline, tmp_path: Path) -> None:
    path = tmp_path / "trust.bundle"
    async with open_offline() as desk:
        path.write_bytes(await desk.bundle())
    async with open_offline(trust_bundle=path) as desk:
        assert (await desk.check())["code"] == "OK"


async def test_a_desk_that_pins_nobody_takes_nothing(open_offline: OpenOffline) -> None:
    async with open_offline(bundle_signer=None, bundle_signer_key=None) as desk:
        assert "was not told whose" in await desk.refuses(await desk.bundle())


async def test_who_may_import(open_offline: OpenOffline, desk: OfflineDesk) -> None:
    elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert (await desk.post(await desk.bundle(), headers=elsewhere)).status_code == 400


def test_settings_that_do_not_fit(registry: Registry) -> None:
    for changed in ({"trust_bundle": Path("a.bundle")}, {"bundle_signer": "did:x:y", "bundle_signer_key": "zz0"}):
        settings = create_settings(registry, "sqlite+aiosqlite://", **changed)
        with pytest.raises(SettingsError, match="bundle_signer"):
            settings.check()
