"""An independent resolver, npm's ethr-did-resolver 11, reads the same documents from the chain as we do.

It is older than the Multikey type of the method's text: it shows the attribute's bytes as `publicKeyHex`, where we give
`publicKeyMultibase`. The bytes, the ids, the relationships and the order must be the same.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from sabai.organisations import load_organisations, register_organisations
from sabai.servers import Served, listen, serving, url_of
from tests.support.ledger_peers import FOLDER, running_anvil
from tests.support.node import NODE, require_packages
from vc_core.clock import system_clock
from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.did.document import DidDocument
from vc_core.did.ethr import create_did, did_document
from vc_core.did.ethr_resolution import EthrDids
from vc_core.did.multibase import multibase_encode
from vc_core.did.resolution import parse_resolution_options
from vc_core.did.resolver import DidResolver
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.ledger.evm import EvmLedger
from vc_core.ledger.evm.sending import Pace
from vc_core.ledger.identities import LiveIdentities
from vc_core.ledger.mirror import MemoryMirrorStore, RegistryMirror
from vc_core.ledger.registry import RegistryWriter, deploy_registries
from vc_core.ledger.snapshot import RegistryAddresses
from vc_core.ledger.transactions import LedgerKey
from vc_core.web.rpc import create_rpc_app

CHAIN_ID = 1337
YEAR = 365 * 86_400


@asynccontextmanager
async def embedded_endpoint(folder: Path) -> AsyncIterator[str]:
    """The URL of an embedded chain's JSON-RPC."""
    embedded = EmbeddedLedger.open(folder / "chain.sqlite", chain_id=CHAIN_ID, clock=system_clock)
    listener = listen("127.0.0.1", 0)
    try:
        async with serving([Served(create_rpc_app(embedded), listener)]):
            yield url_of(listener)
    finally:
        embedded.close()


@dataclass
class Registry:
    """A registry behind a URL, written and read by our engine, and resolved by the other resolver."""

    url: str
    ledger: EvmLedger
    addresses: RegistryAddresses
    writer: RegistryWriter

    async def ours(self, did: str, *, block: int | None = None) -> DidDocument:
        """What we derive from the events, now or as of a block."""
        mirror = RegistryMirror(self.ledger, self.addresses, MemoryMirrorStore(), system_clock)
        await mirror.advance()
        events = mirror.state.identity_events(did.rpartition(":")[2])
        at = system_clock() if block is None else (await self.ledger.block(block)).timestamp
        known = [event for event in events if block is None or event.at.block_number <= block]
        return did_document(did, known, at)

    async def resolved(self, did: str, **options: str) -> dict[str, Any]:
        """What our resolver answers, live."""
        mirror = RegistryMirror(self.ledger, self.addresses, MemoryMirrorStore(), system_clock)
        resolver = DidResolver({"ethr": EthrDids(LiveIdentities(mirror, self.ledger), system_clock)})
        return (await resolver.resolve(did, parse_resolution_options(options))).to_json()

    async def theirs(self, *dids: str) -> list[dict[str, Any]]:
        """What the other resolver answers."""
        registry = "0x" + self.addresses.did_registry.hex()
        process = await asyncio.create_subprocess_exec(
            NODE, str(FOLDER / "resolve.mjs"), self.url, registry, str(CHAIN_ID), *dids,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        results: list[dict[str, Any]] = json.loads(output)
        return results


@pytest.fixture(params=["embedded", "anvil"])
async def registry(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Registry]:
    """The registry on each chain."""
    require_packages(FOLDER)
    if request.param == "embedded":
        async with embedded_endpoint(tmp_path) as url, registry_at(url) as created:
            yield created
    else:
        # Free, as on a consortium's chain; blocks by time too, so that a call sees the time of now.
        free = ("--block-time", "1", "--mixed-mining", "--base-fee", "0", "--gas-price", "0")
        async with running_anvil(*free) as anvil, registry_at(anvil.url) as created:
            yield created


@asynccontextmanager
async def registry_at(url: str) -> AsyncIterator[Registry]:
    """Deploys the registries by JSON-RPC."""
    ledger = await EvmLedger.open([url], chain_id=CHAIN_ID, pace=Pace(poll=0.02, patience=60))
    addresses = await deploy_registries(ledger, LedgerKey.generate())
    yield Registry(url, ledger, addresses, RegistryWriter(ledger, addresses))
    await ledger.close()


def comparable(document: DidDocument) -> dict[str, Any]:
    """Our document in the other's terms."""
    methods = [
        {"id": method.id, "key": method.public_key.to_multikey().hex() if method.public_key else None,
         "account": (method.blockchain_account_id or "").lower() or None}
        for method in document.verification_methods
    ]  # fmt: skip
    return {
        "id": document.id,
        "methods": methods,
        "authentication": list(document.authentication),
        "assertionMethod": list(document.assertion_method),
    }


def comparable_theirs(document: dict[str, Any]) -> dict[str, Any]:
    """Their document in the same terms; addresses in mixed case are a checksum, not another address."""
    return {
        "id": document["id"],
        "methods": [
            {"id": method["id"], "key": method.get("publicKeyHex"),
             "account": method.get("blockchainAccountId", "").lower() or None}
            for method in document.get("verificationMethod", [])
        ],
        "authentication": document.get("authentication", []),
        "assertionMethod": document.get("assertionMethod", []),
    }  # fmt: skip


def in_newer_terms(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Their verification methods with the bytes of a Multikey as multibase, and addresses without a checksum."""
    methods = []
    for method in document["verificationMethod"]:
        shown = dict(method)
        if "publicKeyHex" in shown:
            shown["publicKeyMultibase"] = multibase_encode(bytes.fromhex(shown.pop("publicKeyHex")))
        else:
            shown["blockchainAccountId"] = shown["blockchainAccountId"].lower()
        methods.append(shown)
    return methods


async def test_the_same_documents_through_an_organisations_life(registry: Registry) -> None:
    writer, owner, successor = registry.writer, LedgerKey.generate(), LedgerKey.generate()
    first, second, status = P256Signer.generate(), P256Signer.generate(), Ed25519Signer.generate()
    did = create_did(CHAIN_ID, owner.address)
    versions: list[int] = []

    async def require_same() -> DidDocument:
        ours, (theirs,) = await registry.ours(did), await registry.theirs(did)
        assert theirs["didResolutionMetadata"].get("error") is None
        assert comparable(ours) == comparable_theirs(theirs["didDocument"])
        assert theirs["didDocumentMetadata"].get("deactivated", False) == ours.deactivated
        versions.append((await registry.ledger.head()).number)
        return ours

    await require_same()  # before anything was published: the default document
    await writer.publish_key(owner, first.public_key, valid_seconds=YEAR)
    await writer.publish_key(owner, status.public_key, valid_seconds=YEAR)
    await writer.publish_name(owner, "Sample Office")
    assert [method.id.partition("#")[2] for method in (await require_same()).verification_methods] == [
        "controller", "delegate-1", "delegate-2",
    ]  # fmt: skip

    await writer.publish_key(owner, second.public_key, valid_seconds=YEAR)  # rotation: the new key first,
    await writer.revoke_key(owner, first.public_key)  # then the old one goes
    after_rotation = await require_same()
    assert [method.id.partition("#")[2] for method in after_rotation.verification_methods] == [
        "controller", "delegate-2", "delegate-3",
    ]  # fmt: skip

    await writer.change_owner(owner, successor.address)
    await writer.publish_key(successor, first.public_key, valid_seconds=YEAR, identity=owner.address)
    await require_same()

    await writer.change_owner(successor, bytes(20), identity=owner.address)
    assert (await require_same()).deactivated

    for version in versions:
        ours, (theirs,) = (
            await registry.ours(did, block=version),
            await registry.theirs(f"{did}?versionId={version}"),
        )
        assert comparable(ours) == comparable_theirs(theirs["didDocument"])
    for version in versions[1:]:  # at the first, our registry had no such DID
        ours_resolved, (theirs,) = (
            await registry.resolved(did, versionId=str(version)),
            await registry.theirs(f"{did}?versionId={version}"),
        )
        assert ours_resolved["didDocumentMetadata"] == theirs["didDocumentMetadata"]
        assert ours_resolved["didDocument"]["verificationMethod"] == in_newer_terms(theirs["didDocument"])
    (theirs,) = await registry.theirs(did)
    assert (await registry.resolved(did))["didDocumentMetadata"] == theirs["didDocumentMetadata"]


async def test_the_sample_organisations(registry: Registry, tmp_path: Path) -> None:
    organisations = load_organisations(tmp_path / "keys", CHAIN_ID)
    registered = await register_organisations(registry.ledger, LedgerKey.generate(), organisations, system_clock)
    there = replace(registry, addresses=registered.addresses)
    dids = [organisation.did for organisation in organisations.values()]

    results = await there.theirs(*dids)

    for organisation, theirs in zip(organisations.values(), results, strict=True):
        ours = comparable(await there.ours(organisation.did))
        assert len(ours["methods"]) == 1 + len(organisation.keys)
        assert ours == comparable_theirs(theirs["didDocument"])
