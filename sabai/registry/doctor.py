"""What may be wrong between an operator and the registry (nodes, contracts, clocks, mirrors), and what to do then."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from sqlalchemy import MetaData
from sqlalchemy.exc import SQLAlchemyError

from sabai.registry.access import Place, Surroundings, open_ledger
from sabai.registry.known import KnownRegistry
from sabai.registry.words import format_moment
from vc_core.encoding import EncodingError, parse_json_object
from vc_core.errors import FetchError, LedgerError, SabaiError, WrongChain
from vc_core.ledger.contract import load_contract
from vc_core.ledger.mirror import MemoryMirrorStore, RegistryMirror
from vc_core.ledger.protocol import BlockHead, Ledger
from vc_core.ledger.snapshot import RegistrySnapshot, parse_registry_snapshot
from vc_core.web.database import Database
from vc_core.web.registry import SqlMirrorStore, registry_tables

Level: TypeAlias = Literal["ok", "warning", "wrong"]

MAX_LAG_BLOCKS = 5
MAX_CLOCK_SECONDS = 60
MAX_MIRROR_AGE_SECONDS = 3_600
_SERVICES = ("issuer", "verifier", "backend")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it is, and what to do where it is not well."""

    check: str
    level: Level
    detail: str
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


@dataclass(frozen=True)
class _Node:
    name: str
    ledger: Ledger
    head: BlockHead


async def examine(place: Place, around: Surroundings, *, mirrors: Sequence[str] = ()) -> list[Finding]:
    """Looks at everything that the place names, and at `mirrors`: addresses or files of registry snapshots.

    Raises `InvalidRequest` where the place does not say which registry; all else is a finding.
    """
    known = place.known()
    findings: list[Finding] = []
    async with AsyncExitStack() as stack:
        nodes = []
        for name, part in _parts(place):
            try:
                ledger, _, source = await stack.enter_async_context(open_ledger(part, known, around))
                head = await ledger.head()
            except SabaiError as error:
                findings.append(_unreachable(name, error))
                continue
            nodes.append(_Node(name if place.urls else source, ledger, head))
        for node in nodes:
            findings += [_reached(node, around.clock()), *await _contract_findings(node, known)]
        findings += await _agreement_findings(nodes)
        chain = await _read_chain(nodes, known, around, findings)
        if chain is not None:
            node, read = chain
            async for name, snapshot in _mirrors(place, around, mirrors, findings):
                findings.append(await _mirror_finding(name, snapshot, read, node.ledger, around.clock()))
    return findings


def _parts(place: Place) -> list[tuple[str, Place]]:
    """Each node as a place of its own; named by host and port, since an address may hold an access key."""
    if not place.urls:
        return [("embedded chain", place)]
    return [(_host(url), replace(place, urls=(url,))) for url in place.urls]


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _unreachable(name: str, error: SabaiError) -> Finding:
    if isinstance(error, WrongChain):
        advice = "Take this node out: it is of another chain, or the registry's file is."
    else:
        advice = "Start the node, or check its address and the network; the other nodes are used meanwhile."
    return Finding(f"node {name}", "wrong", f"can't be used: {error.message}", advice)


def _reached(node: _Node, now: int) -> Finding:
    detail = f"block {node.head.number:,} of {format_moment(node.head.timestamp)}"
    ahead = node.head.timestamp - now
    if ahead > MAX_CLOCK_SECONDS:
        advice = "Set this machine's clock (NTP), or that of the node."
        return Finding(f"node {node.name}", "wrong", f"{detail}, which is {ahead:,} s in the future here", advice)
    return Finding(f"node {node.name}", "ok", detail)


async def _contract_findings(node: _Node, known: KnownRegistry) -> list[Finding]:
    check = f"contracts on {node.name}"
    try:
        for address, name in known.contract_names().items():
            code = await node.ledger.code(address)
            if code != load_contract(name).deployed_bytecode:
                detail = f"{name} has other code than ours" if code else f"there is no {name} at its address"
                advice = "Compare the registry's file with what was deployed, and this program's version."
                return [Finding(check, "wrong", detail, advice)]
        trust = load_contract("TrustRegistry")
        answer = await node.ledger.call(known.addresses.trust_registry, trust.encode_call("didRegistry"))
        if trust.decode_result("didRegistry", answer)[0] != "0x" + known.addresses.did_registry.hex():
            advice = "Name the DidRegistry that the TrustRegistry was deployed with."
            return [Finding(check, "wrong", "the TrustRegistry stands on another DidRegistry", advice)]
    except LedgerError as error:
        return [Finding(check, "wrong", f"could not be read: {error.message}", "Try again; then restart the node.")]
    return [Finding(check, "ok", "the code is that of our artifacts, byte for byte")]


async def _agreement_findings(nodes: Sequence[_Node]) -> list[Finding]:
    """Whether nodes have the same block at the height that all have reached, and none is far behind."""
    if len(nodes) < 2:
        return []
    heights = {node.name: node.head.number for node in nodes}
    lowest, highest = min(heights.values()), max(heights.values())
    findings = []
    for node in nodes:
        lag = highest - node.head.number
        if lag > MAX_LAG_BLOCKS:
            advice = "Let it catch up; if it does not, check its peers."
            findings.append(Finding(f"node {node.name}", "warning", f"{lag:,} blocks behind", advice))
    try:
        hashes = {node.name: (await node.ledger.block(lowest)).hash for node in nodes}
    except LedgerError as error:
        return [*findings, Finding("agreement", "wrong", f"could not be read: {error.message}", "Try again.")]
    if len(set(hashes.values())) > 1:
        told = ", ".join(f"{name} 0x{value.hex()[:8]}…" for name, value in hashes.items())
        advice = "Stop writing. Find out which nodes left the chain; a majority is believed, half is not."
        return [*findings, Finding("agreement", "wrong", f"block {lowest:,} differs: {told}", advice)]
    return [*findings, Finding("agreement", "ok", f"{len(nodes)} nodes have the same block {lowest:,}")]


async def _read_chain(
    nodes: Sequence[_Node], known: KnownRegistry, around: Surroundings, findings: list[Finding]
) -> tuple[_Node, RegistrySnapshot] | None:
    """The registry as the first node that can tells it; what can't be read becomes a finding."""
    for node in nodes:
        mirror = RegistryMirror(
            node.ledger, known.addresses, MemoryMirrorStore(), around.clock, first_block=known.first_block
        )
        try:
            await mirror.advance()
        except LedgerError as error:
            advice = "Don't trust this node's logs: read from another, and have it synchronise anew."
            findings.append(Finding(f"events on {node.name}", "wrong", error.message, advice))
            continue
        events = len(mirror.snapshot().events)
        findings.append(Finding(f"events on {node.name}", "ok", f"{events:,} events, none missing or out of order"))
        return node, mirror.snapshot()
    return None


async def _mirrors(
    place: Place, around: Surroundings, mirrors: Sequence[str], findings: list[Finding]
) -> AsyncIterator[tuple[str, RegistrySnapshot]]:
    """The snapshots to compare: those of the services in the data folder, and those that were named."""
    for service in () if place.urls else _SERVICES:
        path = place.data_dir / f"{service}.sqlite"
        try:
            snapshot = await _load_kept(path) if path.exists() else None
        except (SQLAlchemyError, ValueError):
            advice = "Stop the service, move its database away or restore it; the mirror is read anew."
            findings.append(Finding(f"mirror of the {service}", "wrong", "can't be read", advice))
            continue
        if snapshot is not None:
            yield f"mirror of the {service}", snapshot
    for each in mirrors:
        name = f"snapshot {_host(each)}" if "://" in each else f"snapshot {each}"
        try:
            yield name, await _load_snapshot(each, around)
        except (FetchError, OSError, EncodingError, ValueError):
            findings.append(Finding(name, "wrong", "is not there, or is no snapshot", "Check the address or file."))


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{path.resolve()}")
    try:
        yield database
    finally:
        await database.close()


async def _load_kept(path: Path) -> RegistrySnapshot | None:
    async with _opened(path) as database:
        return await SqlMirrorStore(database, registry_tables(MetaData())).load()


async def _load_snapshot(source: str, around: Surroundings) -> RegistrySnapshot:
    if "://" not in source:
        return parse_registry_snapshot(parse_json_object(Path(source).read_bytes()))
    http = around.open_http()
    try:
        return parse_registry_snapshot((await http.get(source)).json_object())
    finally:
        await http.close()


async def _mirror_finding(
    name: str, snapshot: RegistrySnapshot, chain: RegistrySnapshot, ledger: Ledger, now: int
) -> Finding:
    if (snapshot.chain_id, snapshot.addresses) != (chain.chain_id, chain.addresses):
        return Finding(name, "wrong", "is of another registry", "Correct the service's chain id and contracts.")
    if snapshot.head.number > chain.head.number:
        detail = f"knows block {snapshot.head.number:,}, the nodes only {chain.head.number:,}"
        return Finding(name, "wrong", detail, "The nodes are behind or lost blocks: compare them with others.")
    if (await ledger.block(snapshot.head.number)).hash != snapshot.head.hash:
        detail = f"stands on a block {snapshot.head.number:,} that the chain no longer has"
        advice = "The chain was reorganised below what counted as final. Find out why, then have it read anew."
        return Finding(name, "wrong", detail, advice)
    expected = tuple(event for event in chain.events if event.at.block_number <= snapshot.head.number)
    if snapshot.events != expected:
        detail = f"has {len(snapshot.events):,} events where the chain has {len(expected):,}, or others"
        return Finding(name, "wrong", detail, "Stop the service, empty its registry tables, and start it again.")
    age = max(now - snapshot.synced_at, 0)
    detail = f"block {snapshot.head.number:,}, {age:,} s old, every event as on the chain"
    if age > MAX_MIRROR_AGE_SECONDS:
        return Finding(name, "warning", detail, "The service does not run, or does not reach its nodes: see its log.")
    return Finding(name, "ok", detail)
