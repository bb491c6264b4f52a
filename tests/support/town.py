"""A whole Sabai in process: embedded ledger, issuer, two hospitals, the backend, over ASGI with a clock to set.

Each service is an origin of its own, as it is in the world; firebase-admin talks to the stand-in of FCM over a real
socket, since it brings its own HTTP client.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from backend.app import create_app as create_backend
from backend.settings import BackendSettings, WalletProviderSettings
from issuer.app import create_app as create_issuer
from issuer.settings import IssuerSettings, IssuingKeySettings
from sabai.fcm_stand_in import FcmStandIn
from sabai.organisations import (
    HOSPITAL_A,
    HOSPITAL_B,
    WALLET_PROVIDER,
    Organisation,
    Registered,
    issuing_organisations,
    load_ledger_key,
    load_organisations,
    register_organisations,
)
from sabai.servers import Served, listen, serving, url_of
from tests.support.clock import SetClock
from tests.support.fcm import stand_in_service_account
from tests.support.lifespan import lifespan_of
from vc_core.clock import system_clock
from vc_core.http import HttpClient
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.ledger.transactions import LedgerKey
from verifier.app import create_app as create_verifier
from verifier.settings import VerifierSettings

CHAIN_ID = 0x5ABA
ISSUER = "https://issuer.test"
BACKEND = "https://backend.test"
DESK_A = "https://desk-a.test"
DESK_B = "https://desk-b.test"
OFFICER_TOKEN = "officer-token-for-tests-only"
DESK_TOKEN = "desk-token-for-tests-only-x"


class TownTransport(httpx.AsyncBaseTransport):
    """Brings each request to the application of its host; hosts can be taken off the net."""

    def __init__(self) -> None:
        self._applications: dict[str, httpx.ASGITransport] = {}
        self.unreachable: set[str] = set()

    def add(self, url: str, app: Any) -> None:
        """The application that answers at this origin."""
        self._applications[httpx.URL(url).host] = httpx.ASGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if host not in self._applications or host in self.unreachable:
            raise httpx.ConnectError("no such host in town")
        return await self._applications[host].handle_async_request(request)


@dataclass
class Town:
    """The services while they run, and the people's way to them."""

    folder: Path
    clock: SetClock
    ledger: EmbeddedLedger
    governor: LedgerKey
    registered: Registered
    http: HttpClient
    transport: TownTransport
    fcm: FcmStandIn
    service_account: dict[str, str]
    apps: dict[str, FastAPI] = field(default_factory=dict)

    def organisation(self, slug: str) -> Organisation:
        """A sample organisation by its slug."""
        return self.registered.organisations[slug]

    async def until_followed(self) -> None:
        """Returns when every service has come, by itself, to where the chain is now."""
        head = (await self.ledger.head()).number
        for app in self.apps.values():
            while (known := app.state.registry.known()) is None or known.head.number < head:
                await asyncio.sleep(0.05)

    async def check(self, qr: str, desk: str = DESK_A) -> dict[str, Any]:
        """The verdict of a desk on a text."""
        answer = await self.http.post_json(desk + "/checks", {"qr": qr}, token=DESK_TOKEN)
        assert answer.status == 200
        return answer.json_object()

    async def officer_post(self, path: str, value: Any, *, expected: int = 200) -> dict[str, Any]:
        """The officer's request to the issuer."""
        answer = await self.http.post_json(ISSUER + path, value, token=OFFICER_TOKEN)
        assert answer.status == expected, answer.body
        return answer.json_object()


ChangeSettings = Callable[[Town], Mapping[str, Mapping[str, Any]]]


@asynccontextmanager
async def running_town(
    folder: Path,
    clock: SetClock,
    database_url: Callable[[str], str],
    change_settings: ChangeSettings = lambda _town: {},
    **issuer_settings: Any,
) -> AsyncIterator[Town]:
    """The town, up and ready; `database_url` gives each service its database by name.

    `issuer_settings` are those that the issuer is to have beside the town's own; `change_settings` gives such settings
    by the URL of each service, for what depends on the town.
    """
    await _lay_foundations(folder, clock)
    ledger, governor, registered = await _open_registry(folder, clock)
    transport = TownTransport()
    http = HttpClient(transport=transport)
    listener = listen("127.0.0.1", 0)
    account = {**stand_in_service_account(), "token_uri": url_of(listener) + "/token"}
    fcm = FcmStandIn(account, clock=system_clock)  # google-auth dates its assertions by the machine
    town = Town(folder, clock, ledger, governor, registered, http, transport, fcm, account)
    async with AsyncExitStack() as stack:
        stack.callback(ledger.close)
        stack.push_async_callback(http.close)
        await stack.enter_async_context(serving([Served(fcm.app, listener)]))
        for url, app in _create_apps(
            town, database_url, url_of(listener), {ISSUER: issuer_settings, **change_settings(town)}
        ).items():
            await stack.enter_async_context(lifespan_of(app))
            transport.add(url, app)
            town.apps[url] = app
        yield town


_foundations: dict[int, list[tuple[Path, int, bytes]]] = {}
"""The files of a town in which nothing has happened yet, with their modes, by the time at which it was founded."""


async def _lay_foundations(folder: Path, clock: SetClock) -> None:
    """Keys, and a chain with the sample organisations, which takes half a second: once in a process, then copied."""
    if clock() not in _foundations:
        with tempfile.TemporaryDirectory() as name:
            made = Path(name)
            ledger, _, _ = await _open_registry(made, clock)
            ledger.close()
            files = [file for file in made.rglob("*") if file.is_file()]
            _foundations[clock()] = [(file.relative_to(made), file.stat().st_mode, file.read_bytes()) for file in files]
    for path, mode, content in _foundations[clock()]:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
        (folder / path).chmod(mode)


async def _open_registry(folder: Path, clock: SetClock) -> tuple[EmbeddedLedger, LedgerKey, Registered]:
    """The chain in this folder, who decides on it, and the sample organisations, registered where they are not yet."""
    ledger = EmbeddedLedger.open(folder / "ledger.sqlite", chain_id=CHAIN_ID, clock=clock)
    organisations = load_organisations(folder / "keys", CHAIN_ID)
    governor = load_ledger_key(folder / "keys" / "governor.key")
    return ledger, governor, await register_organisations(ledger, governor, organisations, clock)


def _create_apps(
    town: Town, database_url: Callable[[str], str], fcm_url: str, changes: Mapping[str, Mapping[str, Any]]
) -> dict[str, FastAPI]:
    parts: dict[str, Any] = {"clock": town.clock, "ledger": town.ledger, "http": town.http}
    account_path = town.folder / "fcm.json"
    account_path.write_text(json.dumps(town.service_account), "ascii")
    backend = BackendSettings(
        **_shared(town, BACKEND, database_url("backend")),
        hospital_token=SecretStr(DESK_TOKEN),
        payer_token=SecretStr(OFFICER_TOKEN),
        firebase_service_account=account_path,
        firebase_messaging_url=fcm_url,
        wallet_provider=_wallet_provider(town),
    )
    issuer = _issuer_settings(town, database_url("issuer"))
    desk_a = _desk_settings(town, DESK_A, HOSPITAL_A.slug, database_url("desk_a"))
    desk_b = _desk_settings(town, DESK_B, HOSPITAL_B.slug, database_url("desk_b"))
    return {
        ISSUER: create_issuer(issuer.model_copy(update=changes.get(ISSUER, {})), **parts),
        DESK_A: create_verifier(desk_a.model_copy(update=changes.get(DESK_A, {})), **parts),
        DESK_B: create_verifier(desk_b.model_copy(update=changes.get(DESK_B, {})), **parts),
        BACKEND: create_backend(backend.model_copy(update=changes.get(BACKEND, {})), **parts),
    }


def _shared(town: Town, public_url: str, database_url: str) -> dict[str, Any]:
    addresses = town.registered.addresses
    return {
        "public_url": public_url,
        "database_url": database_url,
        "chain_id": CHAIN_ID,
        "did_registry": "0x" + addresses.did_registry.hex(),
        "trust_registry": "0x" + addresses.trust_registry.hex(),
        "anchors": "0x" + addresses.anchors.hex(),
    }


def _wallet_provider(town: Town) -> WalletProviderSettings:
    provider = town.organisation(WALLET_PROVIDER.slug)
    return WalletProviderSettings(
        verification_method=town.registered.methods[provider.credential_key.public_key],
        key=str(provider.credential_key_path),
    )


def _issuer_settings(town: Town, database_url: str) -> IssuerSettings:
    methods = town.registered.methods
    keys = tuple(
        IssuingKeySettings(
            credential_type=name,
            verification_method=methods[organisation.credential_key.public_key],
            key=str(organisation.credential_key_path),
            status_verification_method=methods[organisation.status_key.public_key],
            status_key=str(organisation.status_key_path),
        )
        for name, organisation in issuing_organisations(town.registered.organisations).items()
    )
    return IssuerSettings(
        **_shared(town, ISSUER, database_url), officer_token=SecretStr(OFFICER_TOKEN), issuing_keys=keys
    )


def _desk_settings(town: Town, url: str, slug: str, database_url: str) -> VerifierSettings:
    hospital = town.organisation(slug)
    assert hospital.requests_key is not None
    return VerifierSettings(
        **_shared(town, url, database_url),
        facility_did=hospital.did,
        facility_name=hospital.profile.name,
        hospital_code=hospital.profile.hospital_code or "",
        desk_token=SecretStr(DESK_TOKEN),
        requests_verification_method=town.registered.methods[hospital.requests_key.public_key],
        requests_key=str(hospital.requests_key_path),
    )
