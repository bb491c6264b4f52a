"""All services in one process on the embedded defaults: chain, issuer, verifier, backend, and a stand-in of FCM.

data folder                     what survives a kill at any moment
├── ledger.sqlite               the embedded chain
├── issuer.sqlite  verifier.sqlite  backend.sqlite
├── keys/                       of the governor, the sample organisations and Web Push; readable by this user only
├── tokens.json                 the access tokens: the officer's, the desk's, and the manager's of its staff
├── lan/                        with `--lan`: the authority that phones are asked to trust
└── services.json               where everything is, written once all are ready
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from backend.app import create_app as create_backend
from backend.devices.push_address import BROWSERS_HOSTS
from backend.settings import BackendSettings, KnownIssuer, WalletProviderSettings
from issuer.app import create_app as create_issuer
from issuer.settings import IssuerSettings, SigningKeySettings, VcApiSettings, WalletClientSettings
from sabai.fcm_stand_in import FcmStandIn, create_stand_in_service_account
from sabai.keys.development_ca import DevelopmentCa
from sabai.lan.authority import LanAuthority
from sabai.lan.welcome import create_welcome_app
from sabai.organisations import (
    GENERAL_ISSUER,
    HOSPITAL_A,
    WALLET_PROVIDER,
    Organisation,
    Registered,
    complete_issuing_keys_file,
    issuing_organisations,
    load_ledger_key,
    load_organisations,
    register_organisations,
)
from sabai.servers import Served, TlsFiles, listen, serving, url_of
from vc_core.clock import Clock, system_clock
from vc_core.crypto.keys import P256Signer, signer_to_pem
from vc_core.did.key import did_key_method
from vc_core.errors import Conflict, SabaiError, SettingsError
from vc_core.files import write_durably
from vc_core.http import HttpClient
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.ledger.transactions import LedgerKey
from vc_core.web.passkeys import create_relying_party
from vc_core.web.rpc import create_rpc_app
from verifier.app import create_app as create_verifier
from verifier.settings import VerifierSettings

CHAIN_ID = 0x5ABA
DEFAULT_PORTS = (8000, 8001, 8002)
STATUS_TIME_TO_LIVE = 5
"""Seconds that a desk may rely on a status list: short, so that the demo's revocation is seen at once."""
READY_SECONDS = 60
ANSWER_SECONDS = 20
"""How long the services wait for each other: all are in one process, which a busy machine may leave standing."""
ROSTER = Path(__file__).parent / "sample" / "roster.csv"
SAMPLE_HOSPITALS = Path(__file__).parent / "sample" / "hospitals.csv"


@dataclass(frozen=True)
class Place:
    """Where the services keep their data and listen. Without `ports` they take those of the last start.

    With `rpc_port` (0: any free one) the chain answers JSON-RPC there, on this machine's loopback address only. With
    `tls` the three services answer by https, and trust the certificate as each other's. With `lan` they do so by a
    certificate of the data folder's own authority, and a page by http brings that to phones; `lan_name` is a name in
    `.local` by which the network finds this machine: URLs have it in place of the address.
    """

    data_dir: Path
    host: str = "127.0.0.1"
    ports: tuple[int, int, int] | None = None
    rpc_port: int | None = None
    tls: TlsFiles | None = None
    lan: bool = False
    lan_name: str | None = None


@dataclass(frozen=True)
class Welcome:
    """The page for phones on the local network: where it is, and the fingerprint that people compare."""

    url: str
    fingerprint: str


@dataclass(frozen=True)
class RunningServices:
    """The services while they run: what `services.json` says, and what the demo needs beside it."""

    urls: dict[str, str]
    tokens: dict[str, str]
    registered: Registered
    governor: LedgerKey
    ledger: EmbeddedLedger
    http: HttpClient
    fcm: FcmStandIn
    rpc_url: str | None = None
    welcome: Welcome | None = None

    def organisation(self, slug: str) -> Organisation:
        """A sample organisation by its slug."""
        return self.registered.organisations[slug]

    async def import_sample_roster(self) -> dict[str, Any]:
        """Sends the sample roster to the issuer, as an officer would; returns the issuer's answer."""
        return await self.import_roster(ROSTER.read_bytes())

    async def import_roster(self, csv: bytes) -> dict[str, Any]:
        """Sends a roster to the issuer; returns what went in and which rows did not, with reasons."""
        answer = await self.http.post_bytes(
            self.urls["issuer"] + "/people", csv, content_type="text/csv", token=self.tokens["officer"]
        )
        if answer.status != 200:
            raise SabaiError("The issuer did not take the roster.")
        return answer.json_object()


@asynccontextmanager
async def running_services(place: Place, clock: Clock) -> AsyncIterator[RunningServices]:
    """Starts everything, writes services.json, and stops everything when the block ends.

    Raises `SettingsError` where a port is taken, `LedgerLocked` where another process uses the data folder.
    """
    place.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = LanAuthority.load_or_make(place.data_dir, now=clock()) if place.lan else None
    tls = authority.certify(place.host, place.lan_name, now=clock()) if authority else place.tls
    if tls is not None:
        tls.check()
    trusted = authority.folder / "ca.pem" if authority else tls.certificate if tls else None
    ledger = EmbeddedLedger.open(place.data_dir / "ledger.sqlite", chain_id=CHAIN_ID, clock=clock)
    http = HttpClient(
        allow_loopback=True,
        allow_private=place.lan,
        timeout_seconds=ANSWER_SECONDS,
        trusted_certificate=trusted,
    )
    try:
        governor = load_ledger_key(place.data_dir / "keys" / "governor.key")
        organisations = load_organisations(place.data_dir / "keys", CHAIN_ID)
        registered = await register_organisations(ledger, governor, organisations, clock)
        ports = place.ports or _last_ports(place.data_dir) or DEFAULT_PORTS
        listeners = dict(
            zip(("backend", "issuer", "verifier"), (listen(place.host, port) for port in ports), strict=True)
        )
        urls = {
            name: url_of(listener, secure=tls is not None, name=place.lan_name) for name, listener in listeners.items()
        }
        stand_in_listener = listen("127.0.0.1", 0)
        account = create_stand_in_service_account(url_of(stand_in_listener) + "/token")
        fcm = FcmStandIn(account, clock=clock)
        settings = _Settings(place.data_dir, urls, _load_tokens(place.data_dir), registered, url_of(stand_in_listener))
        write_durably(settings.service_account_path, json.dumps(account).encode("utf-8"))
        parts: dict[str, Any] = {"clock": clock, "ledger": ledger, "http": http}
        applications = {
            "issuer": create_issuer(settings.issuer(), **parts),
            "verifier": create_verifier(settings.verifier(), **parts),
            "backend": create_backend(settings.backend(), **parts),
        }
        served = [Served(app, listeners[name], tls) for name, app in applications.items()]
        served.append(Served(fcm.app, stand_in_listener))
        rpc_url = None
        if place.rpc_port is not None:
            rpc_listener = listen("127.0.0.1", place.rpc_port)
            rpc_url = url_of(rpc_listener)
            served.append(Served(create_rpc_app(ledger), rpc_listener))
        welcome = None
        if authority is not None:
            welcome_listener = listen(place.host, 0)
            welcome = Welcome(url_of(welcome_listener) + "/", authority.fingerprint)
            served.append(Served(create_welcome_app(authority, here=welcome.url, urls=urls), welcome_listener))
        async with serving(served):
            services = RunningServices(urls, settings.tokens, registered, governor, ledger, http, fcm, rpc_url, welcome)
            await _until_ready(services)
            write_durably(place.data_dir / "services.json", _services_json(services))
            yield services
    finally:
        await http.close()
        ledger.close()


@dataclass(frozen=True)
class _Settings:
    """The services' settings on the embedded defaults."""

    data_dir: Path
    urls: dict[str, str]
    tokens: dict[str, str]
    registered: Registered
    fcm_url: str

    @property
    def service_account_path(self) -> Path:
        """Google's credentials, here the stand-in's."""
        return self.data_dir / "keys" / "fcm-stand-in.json"

    def _shared(self, service: str) -> dict[str, Any]:
        addresses = self.registered.addresses
        return {
            "public_url": self.urls[service],
            "database_url": f"sqlite+aiosqlite:///{self.data_dir.resolve() / service}.sqlite",
            "chain_id": self.registered.chain_id,
            "did_registry": "0x" + addresses.did_registry.hex(),
            "trust_registry": "0x" + addresses.trust_registry.hex(),
            "anchors": "0x" + addresses.anchors.hex(),
        }

    def issuer(self) -> IssuerSettings:
        issuing = issuing_organisations(self.registered.organisations)
        keys_file = self.data_dir.resolve() / "keys" / "issuing.json"
        complete_issuing_keys_file(keys_file, issuing, self.registered.methods)
        return IssuerSettings(
            **self._shared("issuer"),
            officer_token=SecretStr(self.tokens["officer"]),
            issuing_keys_file=keys_file,
            status_time_to_live=STATUS_TIME_TO_LIVE,
            vc_api=self._vc_api(),
            hospitals_file=SAMPLE_HOSPITALS,
            wallet_clients=tuple(_wallet_client(origin) for origin in _origins(self.urls["backend"])),
        )

    def _vc_api(self) -> VcApiSettings:
        """Both keys under their names in the registry, and as did:key for whoever can't read this chain."""
        organisation, methods = self.registered.organisations[GENERAL_ISSUER.slug], self.registered.methods
        keys = [(organisation.credential_key, organisation.credential_key_path)]
        if organisation.eddsa_key is not None:
            keys.insert(0, (organisation.eddsa_key, organisation.eddsa_key_path))
        names = [(methods[signer.public_key], path) for signer, path in keys]
        names += [(did_key_method(signer.public_key), path) for signer, path in keys]
        return VcApiSettings(
            keys=tuple(SigningKeySettings(verification_method=name, key=str(path)) for name, path in names),
            status_verification_method=methods[organisation.status_key.public_key],
            status_key=str(organisation.status_key_path),
        )

    def verifier(self) -> VerifierSettings:
        hospital = self.registered.organisations[HOSPITAL_A.slug]
        return VerifierSettings(
            **self._shared("verifier"),
            facility_did=hospital.did,
            facility_name=hospital.profile.name,
            hospital_code=HOSPITAL_A.hospital_code,
            desk_token=SecretStr(self.tokens["desk"]),
            manager_token=SecretStr(self.tokens["manager"]),
            status_aggregations=(self.urls["issuer"] + "/status",),
            backend_url=self.urls["backend"],
            backend_token=SecretStr(self.tokens["desk"]),
            printed_cards=True,
            **self._requests(hospital),
        )

    def _requests(self, hospital: Organisation) -> dict[str, Any]:
        """The hospital's key for requests; by https a certificate for it too, of the CA for development."""
        if hospital.requests_key is None:
            return {}
        key, url = hospital.requests_key.public_key, self.urls["verifier"]
        named = {
            "requests_verification_method": self.registered.methods[key],
            "requests_key": str(hospital.requests_key_path.resolve()),
        }
        if not url.startswith("https:"):
            return named
        now = system_clock()  # certificates are dated by the machine's clock, which wallets go by
        ca = DevelopmentCa.load_or_make(self.data_dir / "keys", now=now)
        certificate = hospital.folder.resolve() / "requests.crt"
        write_durably(certificate, ca.certify(key, subject=hospital.profile.name, url=url, now=now))
        return {**named, "requests_certificates": certificate}

    def backend(self) -> BackendSettings:
        return BackendSettings(
            **self._shared("backend"),
            hospital_token=SecretStr(self.tokens["desk"]),
            payer_token=SecretStr(self.tokens["officer"]),
            firebase_service_account=self.service_account_path,
            firebase_messaging_url=self.fcm_url,
            web_push_key=str(_web_push_key(self.data_dir)),
            web_push_hosts=",".join([*BROWSERS_HOSTS.names, "127.0.0.1", "localhost"]),  # a stand-in here too
            wallet_provider=self._wallet_provider(),
            issuers=(KnownIssuer(credential_issuer=self.urls["issuer"], name=self._issuers_name()),),
            hospitals_file=SAMPLE_HOSPITALS,
        )

    def _issuers_name(self) -> str:
        issuing = issuing_organisations(self.registered.organisations).values()
        return next(iter(issuing)).profile.name

    def _wallet_provider(self) -> WalletProviderSettings:
        organisation = self.registered.organisations[WALLET_PROVIDER.slug]
        return WalletProviderSettings(
            verification_method=self.registered.methods[organisation.credential_key.public_key],
            key=str(organisation.credential_key_path),
        )


def _origins(url: str) -> tuple[str, ...]:
    """Where the pages of a service may be opened: on this machine also by its name, which passkeys need."""
    try:
        return create_relying_party(url, name="").origins
    except Conflict:
        return (url,)


def _wallet_client(origin: str) -> WalletClientSettings:
    """The wallet's pages, as they call themselves at the issuer's page, and where they are gone back to."""
    return WalletClientSettings(client_id=origin, name="Sabai wallet", redirect_uris=(origin + "/",))


def _web_push_key(data_dir: Path) -> Path:
    """The file of the key that browsers subscribe with, made at the first start: subscriptions end with it."""
    path = data_dir.resolve() / "keys" / "web-push.key"
    if not path.exists():
        write_durably(path, signer_to_pem(P256Signer.generate()))
    return path


def _load_tokens(data_dir: Path) -> dict[str, str]:
    """The access tokens; each is made at the first start that finds none."""
    path = data_dir / "tokens.json"
    kept = dict(json.loads(path.read_bytes())) if path.exists() else {}
    tokens = {name: secrets.token_urlsafe(32) for name in ("officer", "desk", "manager")} | kept
    if tokens != kept:
        write_durably(path, json.dumps(tokens).encode("ascii"))
    return tokens


def _last_ports(data_dir: Path) -> tuple[int, int, int] | None:
    """The ports of the last start: what credentials and wallets name must stay where it is."""
    try:
        services = json.loads((data_dir / "services.json").read_bytes())
    except FileNotFoundError:
        return None
    backend, issuer, verifier = (urlsplit(services[name]).port or 0 for name in ("backend", "issuer", "verifier"))
    return backend, issuer, verifier


async def _until_ready(services: RunningServices) -> None:
    deadline = time.monotonic() + READY_SECONDS
    for name, url in services.urls.items():
        while (await services.http.get(url + "/readyz")).status != 200:
            if time.monotonic() > deadline:
                raise SettingsError([f"the {name} did not become ready: its log says why"])
            await asyncio.sleep(0.05)


def _services_json(services: RunningServices) -> bytes:
    addresses = services.registered.addresses
    content = {
        **services.urls,
        **({} if services.rpc_url is None else {"rpc": services.rpc_url}),
        "chain_id": services.registered.chain_id,
        "contracts": {
            "DidRegistry": "0x" + addresses.did_registry.hex(),
            "TrustRegistry": "0x" + addresses.trust_registry.hex(),
            "Anchors": "0x" + addresses.anchors.hex(),
        },
        "dids": {slug: organisation.did for slug, organisation in services.registered.organisations.items()},
        "tokens": services.tokens,
    }
    return json.dumps(content, indent=2).encode("utf-8")
