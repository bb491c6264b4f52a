"""The issuer as an application: its parts put together, and their life from start to end."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from issuer import keys as issuing_keys
from issuer.authorization.server import AuthorizationServer, create_authorization_server
from issuer.bulk import job_routes
from issuer.bulk import routes as bulk_routes
from issuer.bulk.job_service import JobService
from issuer.bulk.pickup import PickupService
from issuer.bulk.runner import JobRunner
from issuer.bulk.workers import ItemSigner
from issuer.issuance import approval_routes, handover_routes, metadata_routes, offer_routes, protocol_routes
from issuer.issuance.approvals import ApprovalService
from issuer.issuance.configurations import configurations_of
from issuer.issuance.credentials import CredentialService
from issuer.issuance.encryption_keys import load_encryption_keys
from issuer.issuance.metadata import MetadataService
from issuer.issuance.offers import OfferService
from issuer.limits import LARGER, MAX_BODY_BYTES
from issuer.models import REGISTRY_TABLES
from issuer.office import Office, create_office
from issuer.office_pages import BUILT
from issuer.pages.rendering import static_files
from issuer.registry import routes as registry_routes
from issuer.registry.state import RegistryStateService
from issuer.resolution import routes as resolution_routes
from issuer.roster import routes as roster_routes
from issuer.roster.service import RosterService
from issuer.settings import IssuerSettings
from issuer.status import anchoring_routes, overview_routes
from issuer.status import routes as status_routes
from issuer.status.anchoring import AnchoredLog, AnchoringService
from issuer.status.overview import ListOverviewService
from issuer.status.publication import ListKey, PublicationService
from issuer.status.service import StatusService
from issuer.type_documents import routes as type_document_routes
from issuer.type_documents.documents import create_documents
from issuer.vc_api import routes as vc_api_routes
from issuer.vc_api.keys import VcApiKeys, check_vc_api_keys, load_vc_api_keys
from issuer.vc_api.service import VcApiService
from issuer.vc_api.statuses import GeneralStatuses
from vc_core.certificate_trust import AnchoredTrust, CertifiedTrust
from vc_core.clock import Clock
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.did.every_method import create_resolver
from vc_core.http import HttpClient
from vc_core.ledger.protocol import Ledger
from vc_core.trust import TrustSource
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

MIGRATIONS = Path(__file__).parent / "migrations"
CLEANING_SECONDS = 60.0
JOB_SECONDS = 1.0
"""How long a job that was begun waits for its first step at most."""
_SPOKEN_BY_WALLETS = (
    "/.well-known/",
    "/offers/",
    "/par",
    "/authorize/presentation",
    "/token",
    "/challenge",
    "/nonce",
    "/credential",
    "/deferred_credential",
    "/notification",
    "/status/",
)
_log = logging.getLogger(__name__)


def create_app(
    settings: IssuerSettings,
    *,
    clock: Clock,
    ledger: Ledger,
    http: HttpClient,
    randomness: Callable[[int], bytes] = secrets.token_bytes,
) -> FastAPI:
    """The issuer. Raises `SettingsError` with everything that keeps it from starting."""
    settings.check()
    settings = settings.in_force()
    keys = issuing_keys.load_issuing_keys(settings)
    issuing_keys.check_certificates(keys.values(), now=clock())
    encryption_keys = load_encryption_keys(settings)
    vc_api_keys = load_vc_api_keys(settings, {key.did for key in keys.values()})
    configurations = configurations_of(keys, settings.protocol_profile)
    database = Database(settings.database_url)
    registry = MirroredRegistry(ledger, settings, database, REGISTRY_TABLES, clock)
    providers = _provider_trust(settings, registry.trust)
    server = create_authorization_server(
        settings,
        database,
        providers,
        configurations,
        _health_id_issuer(settings, keys),
        clock,
        randomness,
    )
    offers = OfferService(
        database, configurations, server.tokens, settings.public_url, clock, randomness, grants=server.grants
    )
    credentials = CredentialService(
        database, keys, configurations, registry.trust, providers, settings.public_url, clock, randomness
    )
    metadata = MetadataService(keys, configurations, encryption_keys, registry.trust, settings.public_url, clock)
    pickup = PickupService(database, settings.public_url, clock)
    publications = PublicationService(
        database,
        _list_keys(keys, vc_api_keys),
        settings.public_url,
        clock,
        time_to_live=settings.status_time_to_live,
    )
    anchoring = AnchoringService(database, settings.public_url, _status_log(settings, registry), clock)
    statuses = StatusService(database, keys, clock)
    jobs = JobService(database, {name: key.credential_type for name, key in keys.items()}, clock)
    runner = JobRunner(
        database,
        ItemSigner(settings.public_url, keys, configurations),
        statuses,
        registry.trust,
        clock,
        randomness,
    )
    actions = statuses.actions() | jobs.actions()
    office = create_office(settings, database, actions, clock, randomness)
    keys_ready = _keys_ready(keys, vc_api_keys, registry.trust, clock)
    app = _empty_app(_lifespan(database, registry, server, credentials, pickup, runner, office))
    app.state.registry = registry
    for router in (
        health_router({"database": database.ping, "registry": registry.ready, "keys": keys_ready}),
        metadata_routes.create_router(metadata, server.metadata),
        roster_routes.create_router(RosterService(database, clock, randomness), office.access),
        handover_routes.create_router(offers, settings.public_url),
        offer_routes.create_router(offers, server.sign_in, office.access, settings.public_url),
        *server.routers(offers, office.access),
        protocol_routes.create_router(server.resource, credentials, encryption_keys),
        approval_routes.create_router(ApprovalService(database, clock), office.access),
        bulk_routes.create_router(pickup),
        job_routes.create_router(jobs, office.proposals, office.access),
        status_routes.create_officer_router(statuses, office.proposals, office.access),
        *office.routers,
        anchoring_routes.create_router(anchoring, office.access),
        overview_routes.create_router(ListOverviewService(database, keys, publications, anchoring), office.access),
        registry_routes.create_router(RegistryStateService(registry, keys, settings.chain_id, clock), office.access),
        status_routes.create_router(publications),
        resolution_routes.create_router(create_resolver(registry.identities, http=http, clock=clock)),
        type_document_routes.create_router(create_documents(CREDENTIAL_TYPES.values())),
    ):
        app.include_router(router)
    app.mount("/pages", static_files(), name="pages")
    if vc_api_keys is not None:
        general = GeneralStatuses(database, vc_api_keys.did, settings.public_url, clock, randomness)
        vc_api = VcApiService(vc_api_keys, general, clock, randomness)
        caller = vc_api_routes.vc_api_caller(settings, office.access)
        app.include_router(vc_api_routes.create_router(vc_api, general, office.audit, caller))
    mount_pages(app, BUILT)
    return app


def _empty_app(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> FastAPI:
    """The application without its routes: what every request passes."""
    app = FastAPI(
        title="Sabai issuer",
        lifespan=lifespan,
        redirect_slashes=False,  # a redirect would take its host from the request
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(RequestLimits, usual=MAX_BODY_BYTES, by_path=LARGER)
    app.add_middleware(CrossOrigin, paths=_SPOKEN_BY_WALLETS)
    app.add_middleware(RequestLog, service="issuer")
    install_error_handlers(app)
    return app


def _list_keys(keys: Mapping[str, issuing_keys.IssuingKey], vc_api_keys: VcApiKeys | None) -> list[ListKey]:
    """The keys that sign status lists."""
    found = [ListKey(method, signer) for key in keys.values() for method, signer in key.status_keys()]
    if vc_api_keys is not None:
        found.append(ListKey(vc_api_keys.status_verification_method, vc_api_keys.status_signer))
    return found


def _lifespan(
    database: Database,
    registry: MirroredRegistry,
    server: AuthorizationServer,
    credentials: CredentialService,
    pickup: PickupService,
    runner: JobRunner,
    office: Office,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What happens before the first request and after the last."""

    async def clean() -> None:
        """Forgets what is over."""
        try:
            await server.forget_expired()
            await credentials.forget_expired()
            await pickup.forget_expired()
            await office.sign_in.forget_expired()
        except SQLAlchemyError as cause:
            _log.warning("cleaning failed", extra={"error": type(cause).__name__})

    cleaning = Background(clean, pause_seconds=CLEANING_SECONDS)
    working = Background(runner.work, pause_seconds=JOB_SECONDS)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await database.migrate(MIGRATIONS)
        await registry.start()
        cleaning.start()
        working.start()
        try:
            yield
        finally:
            await working.stop()
            await cleaning.stop()
            await registry.stop()
            await database.close()

    return lifespan


def _provider_trust(settings: IssuerSettings, registry: TrustSource) -> TrustSource:
    """Where wallet providers are known from: HAIP has them by certificates only (section 4.4.1)."""
    anchored = AnchoredTrust(registry, settings.certificate_anchors())
    return anchored if settings.protocol_profile is ProtocolProfile.REGISTRY else CertifiedTrust(anchored)


def _health_id_issuer(settings: IssuerSettings, keys: Mapping[str, issuing_keys.IssuingKey]) -> str | None:
    """Whose health IDs sign in at the page: those that a DID issues, which HAIP has not."""
    key = keys.get(HEALTH_ID.name)
    return None if key is None or settings.protocol_profile is ProtocolProfile.HAIP else key.did


def _status_log(settings: IssuerSettings, registry: MirroredRegistry) -> AnchoredLog:
    return AnchoredLog(
        settings.status_log,
        settings.chain_id,
        "0x" + settings.registry_addresses().anchors.hex(),
        lambda: registry.anchors(settings.status_log),
    )


def _keys_ready(
    keys: Mapping[str, issuing_keys.IssuingKey], vc_api_keys: VcApiKeys | None, trust: TrustSource, clock: Clock
) -> Callable[[], Awaitable[None]]:
    """Whether the registry has every key under the name by which we use it."""

    async def check() -> None:
        for key in keys.values():
            issuing_keys.check_registered(key, trust, now=clock())
        if vc_api_keys is not None:
            check_vc_api_keys(vc_api_keys, trust, now=clock())

    return check
