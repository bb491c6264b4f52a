"""The issuer as an application: its parts put together, and their life from start to end."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, FastAPI
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
from issuer.issuance.configurations import Configuration, configurations_of
from issuer.issuance.credentials import CredentialService
from issuer.issuance.encryption_keys import load_encryption_keys
from issuer.issuance.metadata import MetadataService
from issuer.issuance.offers import OfferService
from issuer.limits import LARGER, MAX_BODY_BYTES
from issuer.models import REGISTRY_TABLES
from issuer.office import Office, create_office
from issuer.office_pages import BUILT
from issuer.pages.rendering import static_files
from issuer.portraits import routes as portrait_routes
from issuer.portraits.service import PortraitService
from issuer.registry import routes as registry_routes
from issuer.registry.state import RegistryStateService
from issuer.resolution import routes as resolution_routes
from issuer.roster import routes as roster_routes
from issuer.roster.service import RosterService
from issuer.settings import IssuerSettings
from issuer.status import anchoring_routes, overview_routes
from issuer.status import routes as status_routes
from issuer.status.anchoring import AnchoringService
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
from vc_core.web.definitions import definitions_router
from vc_core.web.health import health_router
from vc_core.web.hospitals import load_hospital_names
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
    configurations = configurations_of(keys, settings.public_url, settings.protocol_profile)
    database = Database(settings.database_url)
    registry = MirroredRegistry(ledger, settings, database, REGISTRY_TABLES, clock)
    core = _Core(settings, keys, configurations, database, registry, clock, randomness)
    providers = _provider_trust(settings, registry.trust)
    server = create_authorization_server(
        settings, database, providers, configurations, _health_id_issuer(settings, keys), clock, randomness
    )
    offers = OfferService(
        database, configurations, server.tokens, settings.public_url, clock, randomness, grants=server.grants
    )
    credentials = CredentialService(
        database, keys, configurations, registry.trust, providers, settings.public_url, clock, randomness
    )
    metadata = MetadataService(keys, configurations, encryption_keys, registry.trust, settings.public_url, clock)
    pickup = PickupService(database, settings.public_url, clock)
    lists = _create_lists(core, _list_keys(keys, vc_api_keys))
    jobs = JobService(database, {name: key.credential_type for name, key in keys.items()}, clock)
    actions, audit_log = lists.statuses.actions() | jobs.actions(), registry.log(settings.audit_log)
    office = create_office(settings, database, actions, audit_log, clock, randomness)
    keys_ready = _keys_ready(keys, vc_api_keys, registry.trust, clock)
    runner = _create_runner(core, lists.statuses)
    app = _empty_app(_lifespan(database, registry, server, credentials, pickup, runner, office))
    app.state.registry = registry
    for router in (
        health_router({"database": database.ping, "registry": registry.ready, "keys": keys_ready}),
        metadata_routes.create_router(metadata, server.metadata),
        handover_routes.create_router(offers, settings.public_url),
        offer_routes.create_router(offers, server.sign_in, office.access, settings.public_url),
        *server.routers(offers, office.access),
        protocol_routes.create_router(server.resource, credentials, encryption_keys),
        bulk_routes.create_router(pickup),
        *_office_routers(core, office, lists, jobs),
        status_routes.create_router(lists.publications),
        resolution_routes.create_router(create_resolver(registry.identities, http=http, clock=clock)),
        type_document_routes.create_router(create_documents(CREDENTIAL_TYPES.values())),
        definitions_router(load_hospital_names(settings.hospitals_file)),
        *_vc_api_routers(core, vc_api_keys, office),
    ):
        app.include_router(router)
    app.mount("/pages", static_files(), name="pages")
    mount_pages(app, BUILT)
    return app


@dataclass(frozen=True)
class _Core:
    """What nearly every part is made from."""

    settings: IssuerSettings
    keys: Mapping[str, issuing_keys.IssuingKey]
    configurations: Mapping[str, Configuration]
    database: Database
    registry: MirroredRegistry
    clock: Clock
    randomness: Callable[[int], bytes]


@dataclass(frozen=True)
class _Lists:
    """Status lists: what is in them, what was published of them, and what of that is on the ledger."""

    statuses: StatusService
    publications: PublicationService
    anchoring: AnchoringService


def _create_lists(core: _Core, keys: Sequence[ListKey]) -> _Lists:
    settings, database, clock = core.settings, core.database, core.clock
    lifetime = settings.status_time_to_live
    return _Lists(
        StatusService(database, core.keys, clock),
        PublicationService(database, keys, settings.public_url, clock, time_to_live=lifetime),
        AnchoringService(database, settings.public_url, core.registry.log(settings.status_log), clock),
    )


def _create_runner(core: _Core, statuses: StatusService) -> JobRunner:
    """What works on the jobs that officers begin."""
    signer = ItemSigner(core.settings.public_url, core.keys, core.configurations)
    return JobRunner(core.database, signer, statuses, core.registry.trust, core.clock, core.randomness)


def _office_routers(core: _Core, office: Office, lists: _Lists, jobs: JobService) -> list[APIRouter]:
    """What only the office's people may ask for."""
    database, clock, access = core.database, core.clock, office.access
    overview = ListOverviewService(database, core.keys, lists.publications, lists.anchoring)
    state = RegistryStateService(core.registry, core.keys, core.settings.chain_id, clock)
    return [
        portrait_routes.create_router(PortraitService(database, clock), access),
        roster_routes.create_router(RosterService(database, clock, core.randomness), access),
        approval_routes.create_router(ApprovalService(database, clock), access),
        job_routes.create_router(jobs, office.proposals, access),
        status_routes.create_officer_router(lists.statuses, office.proposals, access),
        *office.routers,
        anchoring_routes.create_router(lists.anchoring, access),
        overview_routes.create_router(overview, access),
        registry_routes.create_router(state, access),
    ]


def _vc_api_routers(core: _Core, keys: VcApiKeys | None, office: Office) -> list[APIRouter]:
    """The VC API, where it has keys."""
    if keys is None:
        return []
    settings, clock, randomness = core.settings, core.clock, core.randomness
    general = GeneralStatuses(core.database, keys.did, settings.public_url, clock, randomness)
    caller = vc_api_routes.vc_api_caller(settings, office.access)
    return [vc_api_routes.create_router(VcApiService(keys, general, clock, randomness), general, office.audit, caller)]


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
