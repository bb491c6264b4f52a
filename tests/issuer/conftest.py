"""The issuer in process, with a registry on an embedded chain where each credential type has an office of its own."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from issuer.app import create_app
from issuer.roster.roster_file import WORK_COLUMNS
from issuer.settings import IssuerSettings, IssuingKeySettings, SigningKeySettings, VcApiSettings
from tests.conftest import NOW
from tests.issuer.wallet import ISSUER, OFFICER, TOKEN, Wallet
from tests.support.clock import SetClock
from tests.support.lifespan import lifespan_of
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import CredentialType
from vc_core.crypto.keys import Ed25519Signer, P256Signer, signer_to_pem
from vc_core.did.ethr import create_did
from vc_core.did.key import did_key_method
from vc_core.http import HttpClient
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.ledger.events import Role
from vc_core.ledger.registry import RegistryWriter, deploy_registries
from vc_core.ledger.snapshot import RegistryAddresses
from vc_core.ledger.transactions import LedgerKey
from vc_core.wallet_providers import WALLET_ATTESTATION

CHAIN_ID = 1337
ROSTER = Path(__file__).parent / "roster.csv"
YEAR = 366 * 86_400


@dataclass(frozen=True)
class WalletProvider:
    """An accredited wallet provider: the DID URL of its key, and the key."""

    method: str
    signer: P256Signer


@dataclass(frozen=True)
class Chain:
    """A chain with both registries, accredited issuers and one for the VC API, and the keys that they are to use."""

    ledger: EmbeddedLedger
    addresses: RegistryAddresses
    keys: tuple[IssuingKeySettings, ...]
    vc_api: VcApiSettings
    wallet_provider: WalletProvider


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """Read only: every test's issuer mirrors it into a database of its own."""
    folder = tmp_path_factory.mktemp("chain")
    ledger = EmbeddedLedger.open(folder / "ledger.sqlite", chain_id=CHAIN_ID, clock=SetClock(NOW - 86_400))
    yield asyncio.run(_set_up(ledger, folder))
    ledger.close()


async def _set_up(ledger: EmbeddedLedger, folder: Path) -> Chain:
    governor = LedgerKey.generate()
    addresses = await deploy_registries(ledger, governor)
    writer = RegistryWriter(ledger, addresses)
    keys = [await _organisation(writer, governor, each, folder) for each in CREDENTIAL_TYPES.values()]
    provider = await _wallet_provider(writer, governor)
    return Chain(ledger, addresses, tuple(keys), await _general_issuer(writer, folder), provider)


async def _wallet_provider(writer: RegistryWriter, governor: LedgerKey) -> WalletProvider:
    organisation, signer = LedgerKey.generate(), P256Signer.generate()
    did = create_did(CHAIN_ID, organisation.address)
    await writer.publish_key(organisation, signer.public_key, valid_seconds=5 * YEAR)
    await writer.set_accreditation(
        governor, did, Role.PROVIDE_WALLETS, WALLET_ATTESTATION, valid_from=0, valid_until=NOW + 5 * YEAR
    )
    return WalletProvider(f"{did}#delegate-1", signer)


async def _general_issuer(writer: RegistryWriter, folder: Path) -> VcApiSettings:
    """An organisation that is accredited for nothing; its keys also under the names of did:key."""
    organisation = LedgerKey.generate()
    did = create_did(CHAIN_ID, organisation.address)
    paths: list[Path] = []
    signers: list[Ed25519Signer | P256Signer]
    signers = [Ed25519Signer.generate(), P256Signer.generate(), Ed25519Signer.generate()]
    for number, signer in enumerate(signers, 1):
        await writer.publish_key(organisation, signer.public_key, valid_seconds=5 * YEAR)
        paths.append(folder / f"general-{number}.pem")
        paths[-1].write_bytes(signer_to_pem(signer))
    names = [(f"{did}#delegate-1", paths[0]), (f"{did}#delegate-2", paths[1])]
    names += [(did_key_method(signer.public_key), path) for signer, path in zip(signers[:2], paths[:2], strict=True)]
    return VcApiSettings(
        keys=tuple(SigningKeySettings(verification_method=name, key=str(path)) for name, path in names),
        status_verification_method=f"{did}#delegate-3",
        status_key=str(paths[2]),
    )


async def _organisation(
    writer: RegistryWriter, governor: LedgerKey, credential_type: CredentialType, folder: Path
) -> IssuingKeySettings:
    """One organisation for one type, named after it, with its keys in files; the third is for lists by certificates."""
    name, organisation = credential_type.name, LedgerKey.generate()
    did = create_did(CHAIN_ID, organisation.address)
    await writer.publish_name(organisation, f"Office of {name}")
    paths = []
    signers: dict[str, P256Signer | Ed25519Signer]
    signers = {"credentials": P256Signer.generate(), "status": Ed25519Signer.generate(), "p256": P256Signer.generate()}
    for role, signer in signers.items():
        await writer.publish_key(organisation, signer.public_key, valid_seconds=5 * YEAR)
        paths.append(folder / f"{name}-{role}.pem")
        paths[-1].write_bytes(signer_to_pem(signer))
    await writer.set_accreditation(
        governor, did, Role.ISSUE, credential_type.vct, valid_from=0, valid_until=NOW + 5 * YEAR
    )
    return IssuingKeySettings(
        credential_type=name,
        verification_method=f"{did}#delegate-1",
        key=str(paths[0]),
        status_verification_method=f"{did}#delegate-2",
        status_key=str(paths[1]),
    )


@pytest.fixture
def settings(chain: Chain, database_url: str) -> IssuerSettings:
    """Good settings for the embedded profile."""
    return IssuerSettings(
        public_url=ISSUER,
        database_url=database_url,
        chain_id=CHAIN_ID,
        did_registry="0x" + chain.addresses.did_registry.hex(),
        trust_registry="0x" + chain.addresses.trust_registry.hex(),
        anchors="0x" + chain.addresses.anchors.hex(),
        officer_token=SecretStr(TOKEN),
        issuing_keys=chain.keys,
        vc_api=chain.vc_api,
    )


@pytest.fixture
async def client(settings: IssuerSettings, chain: Chain, clock: SetClock) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a running issuer."""
    http = HttpClient()
    app = create_app(settings, clock=clock, ledger=chain.ledger, http=http)
    async with lifespan_of(app) as running:
        transport = httpx.ASGITransport(app=running.app)
        async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
            yield client
    await http.close()


@pytest.fixture
async def people(client: httpx.AsyncClient) -> dict[str, str]:
    """Three people in the roster, their ids by reference."""
    report = await client.post("/people", content=ROSTER.read_bytes(), headers=OFFICER | {"Content-Type": "text/csv"})
    assert report.json() == {"imported": 3, "updated": 0, "unchanged": 0, "problems": [], "warnings": []}
    listed = (await client.get("/people", headers=OFFICER)).json()["people"]
    return {person["person_ref"]: person["person_id"] for person in listed}


RosterImport = Callable[[Mapping[str, Mapping[str, str]]], Awaitable[dict[str, Any]]]


@pytest.fixture
def import_roster(client: httpx.AsyncClient) -> RosterImport:
    """Imports the people anew, those named with these values in columns on their work; returns the report."""

    async def send(work: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
        rows = list(csv.DictReader(ROSTER.read_text("utf-8").splitlines()))
        columns = [*rows[0], *(WORK_COLUMNS if work else ())]
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, restval="")
        writer.writeheader()
        writer.writerows({**row, **work.get(row["person_ref"], {})} for row in rows)
        content = text.getvalue().encode("utf-8")
        report = await client.post("/people", content=content, headers=OFFICER | {"Content-Type": "text/csv"})
        return dict(report.json())

    return send


@pytest.fixture
def wallet(client: httpx.AsyncClient, clock: SetClock) -> Wallet:
    """A wallet with a key of its own."""
    return Wallet(client, clock)
