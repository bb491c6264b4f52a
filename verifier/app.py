"""The verifier's application: a mirror of the registry, the JSON API of checks, and the front desk's pages."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from vc_core.certificate_trust import AnchoredTrust, CertifiedTrust
from vc_core.clock import Clock
from vc_core.did.every_method import create_resolver
from vc_core.errors import SabaiError
from vc_core.http import HttpClient
from vc_core.ledger.protocol import Ledger
from vc_core.status import StatusLists
from vc_core.web.background import Background
from vc_core.web.cross_origin import CrossOrigin
from vc_core.web.database import Database
from vc_core.web.health import health_router
from vc_core.web.limits import RequestLimits
from vc_core.web.logs import RequestLog
from vc_core.web.pages import mount_pages
from vc_core.web.problem import install_error_handlers
from vc_core.web.registry import MirroredRegistry
from vc_core.web.settings import ProtocolProfile
from verifier.access import PasswordNeeded, answer_password_needed
from verifier.bundles.routes import bundles_router
from verifier.bundles.service import BundleService
from verifier.challenges.routes import challenges_router
from verifier.challenges.service import ChallengeService
from verifier.checks.examination import Examiner
from verifier.checks.routes import CheckTexts, checks_router
from verifier.checks.service import CheckService, delete_seen
from verifier.desk.app_routes import app_router
from verifier.desk.ask_routes import ask_router
from verifier.desk.routes import desk_router, desk_static_files
from verifier.desk_pages import BUILT
from verifier.legacy.process import DidkitProcess
from verifier.limits import LARGER, MAX_TEXT_BYTES
from verifier.requests.answers import AnswerExaminer
from verifier.requests.keys import load_request_keys
from verifier.requests.responses import ResponseService
from verifier.requests.routes import requests_router
from verifier.requests.service import RequestService
from verifier.requests.wallet_routes import wallet_router
from verifier.settings import VerifierSettings
from verifier.sightings.service import RUN_SECONDS as TELLING_SECONDS
from verifier.sightings.service import SightingReporter
from verifier.staff.routes import staff_router
from verifier.staff.service import StaffService
from verifier.statuses.memory import DatabaseMemory
from verifier.statuses.prefetch import RUN_SECONDS, StatusPrefetch
from verifier.tables import REGISTRY_TABLES
from verifier.today.routes import today_router
from verifier.today.service import TodayService
from verifier.vc_api.proofs import ProofVerifier
from verifier.vc_api.routes import vc_api_router
from verifier.vc_api.service import VcApiService
from verifier.vc_api.statuses import CredentialStatuses

MIGRATIONS = Path(__file__).parent / "migrations"
PURGE_SECONDS = 600
BUNDLE_SECONDS = 10
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Parts:
    """What the application is put together from."""

    clock: Clock
    database: Database
    registry: MirroredRegistry
    prefetch: StatusPrefetch
    checks: CheckService
    challenges: ChallengeService
    requests: RequestService
    responses: ResponseService
    bundles: BundleService
    didkit: DidkitProcess
    vc_api: VcApiService
    staff: StaffService
    sightings: SightingReporter


def create_app(settings: VerifierSettings, *, clock: Clock, ledger: Ledger, http: HttpClient) -> FastAPI:
    """The application; `ledger` and `http` are the caller's to close. Raises `SettingsError`."""
    settings.check()
    parts = _create_parts(settings, clock, ledger, http)
    app = FastAPI(
        title="Sabai verifier",
        lifespan=_lifespan(parts),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # would look for exporters at every request
    )
    app.state.registry = parts.registry
    app.state.bundles = parts.bundles
    app.state.database = parts.database
    app.state.requests = parts.requests
    app.state.challenges = parts.challenges
    app.state.prefetch = parts.prefetch
    app.state.staff = parts.staff
    app.add_middleware(CheckTexts, service=parts.checks, settings=settings)
    app.add_middleware(RequestLimits, usual=MAX_TEXT_BYTES, by_path=LARGER)
    app.add_middleware(CrossOrigin, paths=("/openid4vp/",))
    app.add_middleware(RequestLog, service="verifier")
    install_error_handlers(app)
    app.add_exception_handler(PasswordNeeded, answer_password_needed)
    app.include_router(health_router({"database": parts.database.ping, "registry": parts.registry.ready}))
    app.include_router(checks_router(parts.checks, settings))
    app.include_router(challenges_router(parts.challenges, settings))
    app.include_router(today_router(TodayService(parts.database, clock), settings))
    app.include_router(requests_router(parts.requests, parts.responses, settings))
    app.include_router(wallet_router(parts.requests, parts.responses, settings))
    app.include_router(bundles_router(parts.bundles, settings))
    app.include_router(vc_api_router(parts.vc_api, settings))
    app.include_router(staff_router(parts.staff, settings))
    app.include_router(desk_router(parts.checks, settings))
    app.include_router(ask_router(parts.requests, settings))
    app.include_router(app_router(parts.registry.trust, settings, clock))
    app.mount("/desk", desk_static_files())
    mount_pages(app, BUILT)
    return app


def _create_parts(settings: VerifierSettings, clock: Clock, ledger: Ledger, http: HttpClient) -> _Parts:
    database = Database(settings.database_url)
    registry = MirroredRegistry(ledger, settings, database, REGISTRY_TABLES, clock)
    trust = AnchoredTrust(registry.trust, settings.certificate_anchors())
    memory = DatabaseMemory(database)
    statuses = StatusLists(http, memory)
    prefetch = StatusPrefetch(
        statuses, memory, trust=trust, http=http, clock=clock, aggregations=settings.status_aggregations
    )
    examiner = Examiner(trust, statuses, hospital_code=settings.hospital_code)
    shared: dict[str, Any] = {"database": database, "clock": clock, "randomness": os.urandom}
    asking: dict[str, Any] = {"settings": settings, "keys": load_request_keys(settings), "trust": trust, **shared}
    requests = RequestService(**asking)
    challenges = ChallengeService(seal=requests.seal, **asking)
    sightings = SightingReporter(settings, http=http, database=database, clock=clock)
    checks = CheckService(
        examiner, challenges, settings=settings, owing=sightings.owing, database=database, clock=clock
    )
    believed = trust if settings.protocol_profile is ProtocolProfile.REGISTRY else CertifiedTrust(trust)
    answers = AnswerExaminer(
        Examiner(believed, statuses, hospital_code=settings.hospital_code), hospital_code=settings.hospital_code
    )
    responses = ResponseService(requests, answers, public_url=settings.public_url, owing=sightings.owing, **shared)
    bundles = BundleService(
        settings=settings, registry=registry, statuses=statuses, prefetch=prefetch, database=database, clock=clock
    )
    didkit = DidkitProcess()
    proofs = ProofVerifier(create_resolver(registry.identities, http=http, clock=clock), registry.trust, didkit)
    vc_api = VcApiService(proofs, CredentialStatuses(http, proofs, statuses, registry.trust), registry.trust, clock)
    staff = StaffService(settings=settings, **shared)
    return _Parts(
        clock,
        database,
        registry,
        prefetch,
        checks,
        challenges,
        requests,
        responses,
        bundles,
        didkit,
        vc_api,
        staff,
        sightings,
    )


def _lifespan(parts: _Parts) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What happens before the first request and after the last."""
    follow_bundles = _logged("could not look for trust bundles", parts.bundles.follow)
    forget_seen = _logged("could not forget old presentations", lambda: delete_seen(parts.database, now=parts.clock()))
    forget_requests = _logged("could not forget old requests", parts.requests.forget_old)
    forget_staff = _logged("could not forget old sessions", parts.staff.forget_old)
    forget_challenges = _logged("could not forget old challenges", parts.challenges.forget_old)
    following = Background(follow_bundles, pause_seconds=BUNDLE_SECONDS)
    fetching = Background(_logged("could not fetch status lists", parts.prefetch.run), pause_seconds=RUN_SECONDS)
    telling = Background(
        _logged("could not tell of accepted cards", parts.sightings.run), pause_seconds=TELLING_SECONDS
    )
    forgetting = (forget_seen, forget_requests, forget_staff, forget_challenges)
    purging = [Background(work, pause_seconds=PURGE_SECONDS) for work in forgetting]

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await parts.database.migrate(MIGRATIONS)
        await parts.registry.start()
        await parts.prefetch.take_up_kept()
        await follow_bundles()
        following.start()
        fetching.start()
        telling.start()
        for each in purging:
            each.start()
        try:
            yield
        finally:
            await telling.stop()
            await fetching.stop()
            await following.stop()
            for each in purging:
                await each.stop()
            await parts.registry.stop()
            await parts.checks.stop()
            await parts.didkit.stop()
            await parts.database.close()

    return lifespan


def _logged(failure: str, work: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
    """The same work; where it fails, a line in the log says so, and the next time may be better."""

    async def run() -> None:
        try:
            await work()
        except (SabaiError, SQLAlchemyError) as cause:
            _log.warning(failure, extra={"error": type(cause).__name__})

    return run
