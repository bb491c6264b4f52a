"""The verifier's application: a mirror of the registry, the JSON API of checks, and the front desk's page."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from vc_core.certificate_trust import AnchoredTrust
from vc_core.clock import Clock
from vc_core.did.ethr_resolution import EthrDids
from vc_core.did.jwk import JwkDids
from vc_core.did.key import KeyDids
from vc_core.did.resolver import DidResolver
from vc_core.did.web import WebDids
from vc_core.errors import SabaiError
from vc_core.http import HttpClient
from vc_core.ledger.protocol import Ledger
from vc_core.status import StatusLists
from vc_core.web.background import Background
from vc_core.web.database import Database
from vc_core.web.health import health_router
from vc_core.web.logs import RequestLog
from vc_core.web.problem import install_error_handlers
from vc_core.web.registry import MirroredRegistry
from verifier.access import PasswordNeeded, answer_password_needed
from verifier.bundles.routes import bundles_router
from verifier.bundles.service import BundleService
from verifier.checks.routes import check_text_route, checks_router
from verifier.checks.service import CheckService, delete_seen
from verifier.desk.routes import desk_router, desk_static_files
from verifier.legacy.process import DidkitProcess
from verifier.limits import RequestLimits
from verifier.settings import VerifierSettings
from verifier.statuses.memory import DatabaseMemory
from verifier.statuses.prefetch import RUN_SECONDS, StatusPrefetch
from verifier.tables import REGISTRY_TABLES
from verifier.vc_api.proofs import ProofVerifier
from verifier.vc_api.routes import vc_api_router
from verifier.vc_api.service import VcApiService
from verifier.vc_api.statuses import CredentialStatuses

MIGRATIONS = Path(__file__).parent / "migrations"
PURGE_SECONDS = 600
BUNDLE_SECONDS = 10
_log = logging.getLogger(__name__)


def create_app(settings: VerifierSettings, *, clock: Clock, ledger: Ledger, http: HttpClient) -> FastAPI:
    """The application; `ledger` and `http` are the caller's to close. Raises `SettingsError`."""
    settings.check()
    database = Database(settings.database_url)
    registry = MirroredRegistry(ledger, settings, database, REGISTRY_TABLES, clock)
    trust = AnchoredTrust(registry.trust, settings.certificate_anchors())
    memory = DatabaseMemory(database)
    statuses = StatusLists(http, memory)
    prefetch = StatusPrefetch(
        statuses, memory, trust=trust, http=http, clock=clock, aggregations=settings.status_aggregations
    )
    checks = CheckService(settings=settings, trust=trust, statuses=statuses, database=database, clock=clock)
    bundles = BundleService(
        settings=settings, registry=registry, statuses=statuses, prefetch=prefetch, database=database, clock=clock
    )
    didkit = DidkitProcess()
    resolver = DidResolver(
        {
            "ethr": EthrDids(registry.identities, clock),
            "key": KeyDids(),
            "jwk": JwkDids(),
            "web": WebDids(http, clock),
        }
    )
    proofs = ProofVerifier(resolver, registry.trust, didkit)
    vc_api = VcApiService(proofs, CredentialStatuses(http, proofs, statuses, registry.trust), registry.trust, clock)

    async def purge() -> None:
        """Forgets presentations whose time is long past."""
        try:
            await delete_seen(database, now=clock())
        except SQLAlchemyError as cause:
            _log.warning("could not forget old presentations", extra={"error": type(cause).__name__})

    async def follow_bundles() -> None:
        """Takes up trust bundles that came by another way than a request to this process."""
        try:
            await bundles.follow()
        except (SabaiError, SQLAlchemyError) as cause:
            _log.warning("could not look for trust bundles", extra={"error": type(cause).__name__})

    async def fetch_statuses() -> None:
        """Fetches status lists before a desk needs them."""
        try:
            await prefetch.run()
        except SQLAlchemyError as cause:
            _log.warning("could not fetch status lists", extra={"error": type(cause).__name__})

    fetching = Background(fetch_statuses, pause_seconds=RUN_SECONDS)
    purging = Background(purge, pause_seconds=PURGE_SECONDS)
    following = Background(follow_bundles, pause_seconds=BUNDLE_SECONDS)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await database.migrate(MIGRATIONS)
        await registry.start()
        await prefetch.take_up_kept()
        await follow_bundles()
        following.start()
        fetching.start()
        purging.start()
        try:
            yield
        finally:
            await fetching.stop()
            await following.stop()
            await purging.stop()
            await registry.stop()
            await checks.stop()
            await didkit.stop()
            await database.close()

    app = FastAPI(title="Sabai verifier", lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.registry = registry
    app.state.bundles = bundles
    app.state.prefetch = prefetch
    app.add_middleware(RequestLimits)
    app.add_middleware(RequestLog, service="verifier")
    install_error_handlers(app)
    app.add_exception_handler(PasswordNeeded, answer_password_needed)
    app.router.routes.append(check_text_route(checks, settings))
    app.include_router(health_router({"database": database.ping, "registry": registry.ready}))
    app.include_router(checks_router(checks, settings))
    app.include_router(bundles_router(bundles, settings))
    app.include_router(vc_api_router(vc_api, settings))
    app.include_router(desk_router(checks, settings))
    app.mount("/desk", desk_static_files())
    return app
