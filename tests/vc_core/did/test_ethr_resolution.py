"""did:ethr through the resolver, on a real chain: versions before and after rotation, revocation and deactivation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW
from tests.support.chain import CHAIN_ID, BrokenLedger, Chain
from tests.support.clock import SetClock
from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.did.ethr import create_did
from vc_core.did.ethr_resolution import EthrDids
from vc_core.did.resolution import (
    DidResolution,
    ResolutionError,
    ResolutionFailed,
    ResolutionOptions,
    parse_resolution_options,
)
from vc_core.did.resolver import DidResolver
from vc_core.ledger.events import AttributeChanged, Position
from vc_core.ledger.identities import LiveIdentities, MirroredIdentities
from vc_core.ledger.mirror import MemoryMirrorStore, RegistryMirror
from vc_core.ledger.protocol import Receipt
from vc_core.ledger.registry_state import IdentityEvent
from vc_core.ledger.transactions import LedgerKey

YEAR = 365 * 86_400
FIRST, SECOND = P256Signer.generate().public_key, P256Signer.generate().public_key
STATUS = Ed25519Signer.generate().public_key


def utc(seconds: int) -> str:
    """The time as the resolver writes it: NOW is 2026-09-21T14:13:20Z."""
    minutes, rest = divmod(seconds - NOW + 13 * 60 + 20, 60)
    hours, minutes = divmod(minutes, 60)
    return f"2026-09-21T{14 + hours:02}:{minutes:02}:{rest:02}Z"


@dataclass
class Resolving:
    """A chain, an organisation on it, and a resolver over a mirror that is advanced by hand."""

    chain: Chain
    clock: SetClock
    ledger: BrokenLedger
    mirror: RegistryMirror
    resolver: DidResolver
    owner: LedgerKey

    @property
    def did(self) -> str:
        return create_did(CHAIN_ID, self.owner.address)

    async def ask(self, did: str | None = None, **options: str) -> DidResolution:
        """The resolution with options by their names in the specification."""
        return await self.resolver.resolve(did or self.did, parse_resolution_options(options))

    async def fragments(self, **options: str) -> list[str]:
        """The fragments of the document's verification methods."""
        result = await self.ask(**options)
        assert result.document is not None, result.detail
        return [method.id.partition("#")[2] for method in result.document.verification_methods]

    async def error(self, did: str | None = None, **options: str) -> ResolutionError | None:
        """The error; the other members of the result are then empty."""
        result = (await self.ask(did, **options)).to_json()
        if "error" not in result["didResolutionMetadata"]:
            return None
        assert (result["didDocument"], result["didDocumentMetadata"]) == (None, {})
        return ResolutionError(result["didResolutionMetadata"]["error"]["type"].partition("#")[2])

    async def metadata(self, **options: str) -> dict[str, Any]:
        """The document's metadata as JSON."""
        result: dict[str, Any] = (await self.ask(**options)).to_json()["didDocumentMetadata"]
        return result


@pytest.fixture
async def resolving(tmp_path: Path, clock: SetClock) -> AsyncIterator[Resolving]:
    """Nothing is registered yet."""
    chain = await Chain.create(tmp_path / "chain.sqlite", clock)
    ledger = BrokenLedger(chain.ledger)
    mirror = RegistryMirror(ledger, chain.addresses, MemoryMirrorStore(), clock)
    resolver = DidResolver({"ethr": EthrDids(MirroredIdentities(mirror, ledger), clock)})
    yield Resolving(chain, clock, ledger, mirror, resolver, LedgerKey.generate())
    chain.ledger.close()


@dataclass(frozen=True)
class Life:
    """The blocks and times of an organisation's life."""

    blocks: list[int]
    times: list[int]


async def live(resolving: Resolving) -> Life:
    """Two keys, a rotation of the first, a new owner, the end: a minute between the steps, another block within each.

    0: first key, 1: status key, 2: second key, 3: first key revoked, 4: owner changed, 5: deactivated.
    """
    writer, owner, successor = resolving.chain.writer, resolving.owner, LedgerKey.generate()
    steps: list[Callable[[], Awaitable[Receipt]]] = [
        lambda: writer.publish_key(owner, FIRST, valid_seconds=YEAR),
        lambda: writer.publish_key(owner, STATUS, valid_seconds=YEAR),
        lambda: writer.publish_key(owner, SECOND, valid_seconds=YEAR),
        lambda: writer.revoke_key(owner, FIRST),
        lambda: writer.change_owner(owner, successor.address),
        lambda: writer.change_owner(successor, bytes(20), identity=owner.address),
    ]
    life = Life([], [])
    for step in steps:
        resolving.clock.advance(60)
        receipt = await step()
        life.blocks.append(receipt.block_number)
        life.times.append((await resolving.chain.ledger.block(receipt.block_number)).timestamp)
        resolving.clock.advance(30)
        await writer.publish_name(LedgerKey.generate(), "Somebody else")  # a block without an event of the DID
    await resolving.mirror.advance()
    return life


AFTER = [
    ["controller", "delegate-1"],
    ["controller", "delegate-1", "delegate-2"],
    ["controller", "delegate-1", "delegate-2", "delegate-3"],
    ["controller", "delegate-2", "delegate-3"],
    ["controller", "delegate-2", "delegate-3"],
    [],
]


async def test_every_version_by_block_and_by_time(resolving: Resolving) -> None:
    life = await live(resolving)
    resolving.clock.advance(60)

    for block, time, fragments in zip(life.blocks, life.times, AFTER, strict=True):
        for number in (block, block + 1):  # the block after it has no event of the DID
            assert await resolving.fragments(versionId=str(number)) == fragments
        for at in (time, time + 1, time + 59):
            assert await resolving.fragments(versionTime=utc(at)) == fragments
    for earlier, fragments in zip(life.times[1:], AFTER, strict=False):
        assert await resolving.fragments(versionTime=utc(earlier - 1)) == fragments


async def test_before_the_first_event_there_is_no_version(resolving: Resolving) -> None:
    life = await live(resolving)

    assert await resolving.error(versionId=str(life.blocks[0] - 1)) is ResolutionError.NOT_FOUND
    assert await resolving.error(versionId="0") is ResolutionError.NOT_FOUND
    assert await resolving.error(versionTime=utc(life.times[0] - 1)) is ResolutionError.NOT_FOUND


async def test_the_metadata_names_this_version_and_the_next(resolving: Resolving) -> None:
    life = await live(resolving)

    for options in ({"versionId": str(life.blocks[2] + 1)}, {"versionTime": utc(life.times[2] + 1)}):
        assert await resolving.metadata(**options) == {
            "versionId": str(life.blocks[2]),
            "updated": utc(life.times[2]),
            "nextVersionId": str(life.blocks[3]),
            "nextUpdate": utc(life.times[3]),
        }
    assert await resolving.metadata() == {
        "versionId": str(life.blocks[5]),
        "updated": utc(life.times[5]),
        "deactivated": True,
    }


async def test_the_controller_of_then(resolving: Resolving) -> None:
    life = await live(resolving)

    accounts = []
    for index in (3, 4):
        document = (await resolving.ask(versionId=str(life.blocks[index]))).document
        assert document is not None
        accounts.append(document.verification_methods[0].blockchain_account_id)

    assert accounts[0] == f"eip155:{CHAIN_ID}:0x{resolving.owner.address.hex()}"
    assert accounts[1] != accounts[0]


async def test_a_deactivated_did_has_an_empty_document_and_earlier_versions(resolving: Resolving) -> None:
    life = await live(resolving)

    now = (await resolving.ask()).document
    before = (await resolving.ask(versionId=str(life.blocks[4]))).document

    assert now is not None
    assert now.deactivated
    assert now.to_json() == {
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": resolving.did,
        "verificationMethod": [],
        "authentication": [],
        "assertionMethod": [],
    }
    assert before is not None
    assert not before.deactivated


async def test_a_key_expires_between_two_versions(resolving: Resolving) -> None:
    await resolving.chain.writer.publish_key(resolving.owner, FIRST, valid_seconds=100)
    await resolving.mirror.advance()
    set_at = resolving.clock.now

    resolving.clock.advance(101)
    assert await resolving.fragments() == ["controller"]
    assert await resolving.fragments(versionTime=utc(set_at + 100)) == ["controller", "delegate-1"]
    assert await resolving.fragments(versionTime=utc(set_at + 101)) == ["controller"]
    version_id = (await resolving.metadata())["versionId"]
    assert await resolving.fragments(versionId=version_id) == ["controller", "delegate-1"]


async def test_a_rotation_shows_once_the_mirror_has_read_it(resolving: Resolving) -> None:
    await resolving.chain.writer.publish_key(resolving.owner, FIRST, valid_seconds=YEAR)
    await resolving.mirror.advance()
    assert await resolving.fragments() == ["controller", "delegate-1"]

    await resolving.chain.writer.publish_key(resolving.owner, SECOND, valid_seconds=YEAR)
    await resolving.chain.writer.revoke_key(resolving.owner, FIRST)
    assert await resolving.fragments() == ["controller", "delegate-1"]
    await resolving.mirror.advance()
    assert await resolving.fragments() == ["controller", "delegate-2"]


async def test_a_live_resolver_waits_for_the_chain_and_fails_with_it(resolving: Resolving) -> None:
    await resolving.chain.writer.publish_key(resolving.owner, FIRST, valid_seconds=YEAR)
    live_resolver = DidResolver({"ethr": EthrDids(LiveIdentities(resolving.mirror, resolving.ledger), resolving.clock)})

    result = await live_resolver.resolve(resolving.did)
    assert result.document is not None
    assert len(result.document.verification_methods) == 2
    resolving.ledger.away = True
    assert (await live_resolver.resolve(resolving.did)).error is ResolutionError.INTERNAL_ERROR
    assert await resolving.fragments() == ["controller", "delegate-1"]  # the failure took nothing away


async def test_while_the_chain_is_away_the_mirror_answers_and_tells_its_age(resolving: Resolving) -> None:
    life = await live(resolving)
    synced_at = resolving.clock.now
    resolving.ledger.away = True
    resolving.clock.advance(3600)

    result = await resolving.ask(versionId=str(life.blocks[1]))

    assert result.retrieved == synced_at
    assert result.to_json()["didResolutionMetadata"] == {
        "contentType": "application/did+ld+json",
        "retrieved": utc(synced_at),
    }
    # The time of a block without an event of the DID is the chain's to tell: an error, no guess.
    assert await resolving.error(versionId=str(life.blocks[1] + 1)) is ResolutionError.INTERNAL_ERROR


async def test_a_registry_that_was_never_read_knows_nothing_and_says_so(resolving: Resolving) -> None:
    assert await resolving.error() is ResolutionError.INTERNAL_ERROR


async def test_a_ledger_that_contradicts_itself_is_not_answered_from(resolving: Resolving) -> None:
    await live(resolving)
    number = (await resolving.chain.ledger.head()).number
    true = await resolving.chain.ledger.head()
    resolving.ledger.forged_head = type(true)(number, bytes(32), true.timestamp)
    await resolving.mirror.try_to_advance()

    assert await resolving.error() is ResolutionError.INTERNAL_ERROR


async def test_dids_that_are_not_found(resolving: Resolving) -> None:
    await live(resolving)
    stranger = LedgerKey.generate().address

    assert await resolving.error(create_did(CHAIN_ID, stranger)) is ResolutionError.NOT_FOUND
    assert await resolving.error(create_did(CHAIN_ID + 1, resolving.owner.address)) is ResolutionError.NOT_FOUND
    assert await resolving.error(versionId="999999") is ResolutionError.NOT_FOUND


async def test_spellings_of_a_did_that_are_not_ours(resolving: Resolving) -> None:
    await live(resolving)
    address = "0x" + resolving.owner.address.hex()

    for did in (f"did:ethr:{address}", f"did:ethr:mainnet:{address}", f"did:ethr:0x539:0x{address[2:].upper()}"):
        assert await resolving.error(did) is ResolutionError.INVALID_DID


@pytest.mark.parametrize("version_id", ["-1", "01", "1.0", "0x1", "latest", "9" * 19, "1e3", "+1"])
async def test_what_is_no_block_number(resolving: Resolving, version_id: str) -> None:
    await live(resolving)

    assert await resolving.error(versionId=version_id) is ResolutionError.INVALID_OPTIONS


async def test_the_future_has_no_version(resolving: Resolving) -> None:
    await live(resolving)

    assert await resolving.error(versionTime=utc(resolving.clock.now + 1)) is ResolutionError.INVALID_OPTIONS
    assert await resolving.error(versionTime=utc(resolving.clock.now)) is None


class Registry:
    """Identities as set."""

    chain_id = CHAIN_ID
    synced_at = NOW

    def __init__(self) -> None:
        self.events: list[IdentityEvent] = []

    async def identity_events(self, identity: str) -> list[IdentityEvent]:
        return self.events

    async def block_time(self, number: int) -> int | None:
        return None

    def add(self, block: int, timestamp: int, key: P256Signer) -> None:
        value = key.public_key.to_multikey().hex()
        at = Position(block, timestamp, 0)
        self.events.append(AttributeChanged(at, "0x" + "ab" * 20, "did/pub/Multikey/veriKey", value, NOW + YEAR))


async def ids(method: EthrDids, **options: Any) -> list[str]:
    document = (await method.resolve(f"did:ethr:0x539:0x{'ab' * 20}", ResolutionOptions(**options))).document
    assert document is not None
    return [each.id.partition("#")[2] for each in document.verification_methods]


async def test_blocks_of_the_same_second_are_versions_apart() -> None:
    registry = Registry()
    method = EthrDids(registry, SetClock(NOW))
    registry.add(7, NOW, P256Signer.generate())
    registry.add(8, NOW, P256Signer.generate())

    assert await ids(method, version_id="7") == ["controller", "delegate-1"]
    assert await ids(method, version_id="8") == ["controller", "delegate-1", "delegate-2"]
    assert await ids(method, version_time=NOW) == ["controller", "delegate-1", "delegate-2"]


async def test_a_block_ahead_of_our_clock_counts_all_the_same() -> None:
    registry = Registry()
    registry.add(7, NOW + 5, P256Signer.generate())

    assert await ids(EthrDids(registry, SetClock(NOW))) == ["controller", "delegate-1"]


async def test_what_is_kept_of_a_did_follows_its_events_and_not_another_registry() -> None:
    registry, other = P256Signer.generate(), P256Signer.generate()
    known = Registry()
    method = EthrDids(known, SetClock(NOW))
    known.add(7, NOW, registry)
    known.add(8, NOW, registry)
    assert await ids(method) == ["controller", "delegate-2"]

    known.add(9, NOW, other)
    assert await ids(method) == ["controller", "delegate-2", "delegate-3"]
    known.events = []
    known.add(7, NOW, other)
    assert await ids(method) == ["controller", "delegate-1"]


@pytest.mark.parametrize(
    "options",
    [
        {"versionId": "1", "versionTime": "2026-09-21T14:13:20Z"},
        {"versionTime": "2026-09-21"},
        {"versionTime": "2026-09-21T14:13:20"},
        {"versionTime": "2026-09-21T14:13:20.5Z"},
        {"versionTime": "2026-09-21T14:13:20+07:00"},
        {"versionTime": "2026-02-30T00:00:00Z"},
        {"versionTime": "2026-09-21T25:00:00Z"},
        {"versionTime": "1790000000"},
        {"versionTime": ""},
        {"versionId": ""},
        {"versionId": "๑"},
        {"versionId": "1" * 65},
        {"expandRelativeUrls": "yes"},
        {"publicKeyFormat": "JsonWebKey2018"},
    ],
)
def test_options_of_another_form(options: dict[str, str]) -> None:
    with pytest.raises(ResolutionFailed) as failed:
        parse_resolution_options(options)
    assert failed.value.error is ResolutionError.INVALID_OPTIONS


def test_options_that_we_do_not_have() -> None:
    with pytest.raises(ResolutionFailed) as failed:
        parse_resolution_options({"noCache": "true"})
    assert failed.value.error is ResolutionError.FEATURE_NOT_SUPPORTED
