"""The backend as an application: its parts made, put together, and started and stopped with it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol

from fastapi import APIRouter, FastAPI

from backend.appointments.routes import appointments_router
from backend.appointments.service import AppointmentService
from backend.backups.routes import backups_router
from backend.backups.service import BackupService
from backend.claims.routes import claims_router
from backend.claims.service import ClaimService
from backend.devices.push_address import FcmToken, PushAddress
from backend.devices.routes import devices_router
from backend.devices.service import DeviceService
from backend.disputes.routes import disputes_router
from backend.disputes.service import DisputeService
from backend.idempotency.service import Idempotency
from backend.known_verifiers.routes import known_verifiers_router
from backend.limits import LARGER, MAX_BODY_BYTES
from backend.notifications.outbox import Dispatcher
from backend.notifications.push import PushSender, PushServices
from backend.notifications.routes import inbox_router, push_services_router
from backend.notifications.schemas import FcmWebService
from backend.notifications.service import InboxService
from backend.notifications.web_push import (
    MAX_ANSWER_BYTES,
    STRANGERS_TIMEOUT_SECONDS,
    TIMEOUT_SECONDS,
    WebPushSender,
    load_web_push_sender,
)
from backend.registry.routes import registry_router
from backend.settings import BackendSettings
from backend.sightings.routes import sightings_router
from backend.sightings.service import SightingService
from backend.tables import REGISTRY_TABLES
from backend.wallet_attestations.provider import WalletProvider, load_wallet_provider
from backend.wallet_attestations.routes import wallet_attestations_router
from backend.wallet_attestations.service import WalletAttestationService
from backend.wallet_pages.routes import BUILT, wallet_pages_router
from vc_core.clock import Clock
from vc_core.errors import SettingsError
from vc_core.http import HttpClient
from vc_core.ledger.protocol import Ledger
from vc_core.ledger.snapshot import RegistrySnapshot
from vc_core.status import StatusLists, StatusSource
from vc_core.trust import TrustSource
from vc_core.web.background import STOP_SECONDS
from vc_core.web.database import Database
from vc_core.web.definitions import definitions_router
from vc_core.web.health import health_router
from vc_core.web.hospitals import load_hospital_names
from vc_core.web.limits import RequestLimits
from vc_core.web.logs import RequestLog
from vc_core.web.pages import mount_pages
from vc_core.web.problem import install_error_handlers
from vc_core.web.registry import MirroredRegistry

MIGRATIONS = Path(__file__).parent / "migrations"


class Registry(Protocol):
    """What the backend needs of the mirrored registry; `MirroredRegistry` is one."""

    @property
    def trust(self) -> TrustSource:
        """What is known of issuers."""

    def snapshot(self) -> RegistrySnapshot:
        """All that is known, to hand to a wallet."""

    async def start(self) -> None:
        """Starts following the ledger."""

    async def stop(self) -> None:
        """Stops following."""

    async def ready(self) -> None:
        """Returns when the registry is known; raises otherwise."""


def create_app(settings: BackendSettings, *, clock: Clock, ledger: Ledger, http: HttpClient) -> FastAPI:
    """The backend on this ledger, with the push services that the settings name. Raises `SettingsError`."""
    settings.check()
    web_push = _web_push_sender(settings, clock)
    database = Database(settings.database_url)
    return assemble_app(
        settings,
        clock=clock,
        database=database,
        registry=MirroredRegistry(ledger, settings, database, REGISTRY_TABLES, clock),
        statuses=StatusLists(http),
        sender=PushServices(fcm=_fcm_sender(settings, clock), web_push=web_push),
        application_server_key=None if web_push is None else web_push.application_server_key,
        wallet_provider=load_wallet_provider(settings),
    )


def assemble_app(
    settings: BackendSettings,
    *,
    clock: Clock,
    database: Database,
    registry: Registry,
    statuses: StatusSource,
    sender: PushSender[PushAddress],
    application_server_key: str | None = None,
    wallet_provider: WalletProvider | None = None,
    randomness: Callable[[int], bytes] = secrets.token_bytes,
) -> FastAPI:
    """The backend from its parts; it closes the database and the sender when it stops.

    `application_server_key` is what browsers subscribe to Web Push with, None where nothing is sent to them.
    """
    dispatcher = Dispatcher(database=database, sender=sender, clock=clock, randomness=randomness)
    lifespan = _lifespan(database, registry, sender, dispatcher)
    app = FastAPI(title="Sabai backend", lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.registry = registry
    app.add_middleware(RequestLimits, usual=MAX_BODY_BYTES, by_path=LARGER)
    app.add_middleware(RequestLog, service="backend")
    install_error_handlers(app)
    parts: dict[str, Callable[[], Awaitable[None]]] = {"database": database.ping, "registry": registry.ready}
    if wallet_provider is not None:
        parts["wallet_provider"] = wallet_provider.ready(registry.trust, clock)
    app.include_router(health_router(parts))
    app.include_router(registry_router(registry.snapshot))
    app.include_router(known_verifiers_router(registry.snapshot, clock))
    devices = DeviceService(
        database=database,
        trust=registry.trust,
        statuses=statuses,
        public_url=settings.public_url,
        push_hosts=settings.push_hosts(),
        wake=dispatcher.wake,
        clock=clock,
        randomness=randomness,
    )
    app.include_router(push_services_router(application_server_key, _fcm_web(settings)))
    app.include_router(devices_router(devices, database))
    app.include_router(inbox_router(InboxService(database=database, clock=clock), database))
    for router in _care_routers(settings, database, registry.trust, dispatcher.wake, clock):
        app.include_router(router)
    if wallet_provider is not None:
        attestations = WalletAttestationService(wallet_provider, settings.public_url, clock)
        app.include_router(wallet_attestations_router(attestations))
    app.include_router(backups_router(BackupService(database=database, clock=clock)))
    app.include_router(definitions_router(load_hospital_names(settings.hospitals_file)))
    app.include_router(wallet_pages_router(registry.trust, settings.issuers, clock))
    # An issuer may be anywhere on the web; one on this machine only where the services are on it too.
    issuers = ["https:"] if settings.profile == "production" else ["https:", "http://127.0.0.1:*", "http://localhost:*"]
    mount_pages(app, BUILT, connects_to=issuers)
    return app


def _care_routers(
    settings: BackendSettings, database: Database, trust: TrustSource, wake: Callable[[], None], clock: Clock
) -> list[APIRouter]:
    """What hospitals and payers tell, and what patients say to it."""
    idempotency = Idempotency(database=database, clock=clock)
    appointments = AppointmentService(database=database, idempotency=idempotency, wake=wake, clock=clock)
    claims = ClaimService(database=database, idempotency=idempotency, wake=wake, clock=clock)
    sightings = SightingService(trust=trust, idempotency=idempotency, wake=wake, clock=clock)
    tokens = {"hospital_token": settings.hospital_token, "payer_token": settings.payer_token}
    return [
        appointments_router(appointments, settings.hospital_token),
        claims_router(claims, **tokens),
        sightings_router(sightings, settings.hospital_token),
        disputes_router(DisputeService(database=database, clock=clock), database, **tokens),
    ]


def _lifespan(
    database: Database, registry: Registry, sender: PushSender[PushAddress], dispatcher: Dispatcher
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What happens before the first request and after the last."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            await database.migrate(MIGRATIONS)
            await registry.start()
            async with _running(dispatcher):
                yield
        finally:
            await registry.stop()
            await sender.close()
            await database.close()

    return lifespan


def _fcm_sender(settings: BackendSettings, clock: Clock) -> PushSender[FcmToken] | None:
    if settings.firebase_service_account is None:
        return None
    from backend.notifications.firebase import load_firebase_sender

    sender = load_firebase_sender(
        settings.firebase_service_account, messaging_url=settings.firebase_messaging_url, clock=clock
    )
    if settings.fcm_web_config is not None and settings.fcm_web_config.project_id != sender.project_id:
        raise SettingsError(["fcm_web_config is of another Firebase project than firebase_service_account"])
    return sender


def _fcm_web(settings: BackendSettings) -> FcmWebService | None:
    if settings.fcm_web_config is None or settings.fcm_web_vapid_key is None:
        return None
    return FcmWebService(config=settings.fcm_web_config, vapid_key=settings.fcm_web_vapid_key)


def _web_push_sender(settings: BackendSettings, clock: Clock) -> WebPushSender | None:
    """With clients of its own, whose addresses are strangers' choice: this machine is asked in trials only."""
    if settings.web_push_key is None:
        return None
    http, strangers = (
        HttpClient(
            allow_loopback=settings.profile == "embedded",
            max_response_bytes=MAX_ANSWER_BYTES,
            timeout_seconds=timeout_seconds,
        )
        for timeout_seconds in (TIMEOUT_SECONDS, STRANGERS_TIMEOUT_SECONDS)
    )
    return load_web_push_sender(
        settings.web_push_key,
        pin=None if settings.pkcs11_pin is None else settings.pkcs11_pin.get_secret_value(),
        contact=settings.web_push_contact or settings.public_url,
        http=http,
        strangers=strangers,
        hosts=settings.push_hosts(),
        clock=clock,
    )


@asynccontextmanager
async def _running(dispatcher: Dispatcher) -> AsyncIterator[None]:
    """Runs the dispatcher in the background until the block ends; pushes that hang then are sent again later."""
    task = asyncio.create_task(dispatcher.run())
    try:
        yield
    finally:
        dispatcher.stop()
        await asyncio.wait({task}, timeout=STOP_SECONDS)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
