"""How mirroring and look-ups grow with the registry: 100, 1,000 and 10,000 issuers.

The ledger is a list of logs as a chain would give them, so that what is measured is ours: decoding, the checks, the
state in memory, and the SQLite file with its commits.
"""

from __future__ import annotations

import asyncio
import hashlib
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from eth_abi.abi import encode
from eth_utils.crypto import keccak

import verifier.migrations
from tests.bench.world import CHAIN_ID, NOW
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.did.ethr import create_did
from vc_core.ledger.contract import ContractName, load_contract
from vc_core.ledger.events import KEY_ATTRIBUTE, NAME_ATTRIBUTE, Role, credential_type_id, subject_id
from vc_core.ledger.mirror import RegistryMirror
from vc_core.ledger.protocol import BlockHead, Log, Receipt
from vc_core.ledger.snapshot import RegistryAddresses
from vc_core.ledger.transactions import LedgerKey
from vc_core.trust import RegistryTrust
from vc_core.web.database import Database
from vc_core.web.registry import SqlMirrorStore
from verifier.tables import REGISTRY_TABLES

SIZES = (100, 1_000, 10_000)
LOOK_UPS = 2_000
EVENTS_EACH = 4
ADDRESSES = RegistryAddresses(b"\x01" * 20, b"\x02" * 20, b"\x03" * 20)
_FIRST = NOW - 1_000_000
_UNTIL = NOW + 10**8
_ATTRIBUTE_CHANGED = keccak(text="DIDAttributeChanged(address,bytes32,bytes,uint256,uint256)")
_ACCREDITATION_CHANGED = keccak(
    text="AccreditationChanged(bytes32,bytes32,uint8,address,uint40,uint40,uint8,bytes32,bytes32)"
)


class ListedLedger:
    """A `Ledger` that has one event a block, from a list, and takes nothing."""

    def __init__(self, logs: Sequence[Log]) -> None:
        self.chain_id = CHAIN_ID
        self._logs = logs

    async def head(self) -> BlockHead:
        """See `Ledger`."""
        return await self.block(len(self._logs))

    async def block(self, number: int) -> BlockHead:
        """See `Ledger`."""
        return BlockHead(number, hashlib.sha256(number.to_bytes(8, "big")).digest(), _FIRST + number)

    async def logs(self, addresses: Sequence[bytes], *, from_block: int, to_block: int) -> list[Log]:
        """See `Ledger`."""
        return list(self._logs[max(from_block - 1, 0) : to_block])

    async def code(self, address: bytes) -> bytes:
        """See `Ledger`."""
        names: dict[bytes, ContractName] = {
            ADDRESSES.did_registry: "DidRegistry",
            ADDRESSES.trust_registry: "TrustRegistry",
            ADDRESSES.anchors: "Anchors",
        }
        return load_contract(names[address]).deployed_bytecode

    async def call(self, to: bytes, data: bytes) -> bytes:
        """See `Ledger`."""
        _refuse()

    async def nonce(self, address: bytes) -> int:
        """See `Ledger`."""
        _refuse()

    async def send(self, raw_transaction: bytes) -> Receipt:
        """See `Ledger`."""
        _refuse()

    async def transact(self, sender: LedgerKey, to: bytes, data: bytes, *, gas: int) -> Receipt:
        """See `Ledger`."""
        _refuse()


def _refuse() -> NoReturn:
    raise NotImplementedError("nothing is written in this measurement")


@dataclass(frozen=True)
class Growth:
    """At one size: seconds to mirror all, and to start again from the store; microseconds of a look-up."""

    issuers: int
    mirror_seconds: float
    restart_seconds: float
    first_look_up: float
    look_up: float


def identity_of(number: int) -> bytes:
    """The 20-byte address of an issuer."""
    return keccak(number.to_bytes(4, "big"))[:20]


def create_logs(issuers: int) -> list[Log]:
    """For each issuer two keys, a name and an accreditation, as the contracts log them."""
    keys = [P256Signer.generate().public_key.to_multikey(), Ed25519Signer.generate().public_key.to_multikey()]
    logs: list[Log] = []
    for number in range(issuers):
        identity = identity_of(number)
        values = [(KEY_ATTRIBUTE, key) for key in keys] + [(NAME_ATTRIBUTE, f"Hospital {number}".encode())]
        for name, value in values:
            data = encode(
                ("bytes32", "bytes", "uint256", "uint256"), (name.encode().ljust(32, b"\0"), value, _UNTIL, 0)
            )
            topics = (_ATTRIBUTE_CHANGED, identity.rjust(32, b"\0"))
            logs.append(_log(ADDRESSES.did_registry, topics, data, len(logs) + 1))
        subject = subject_id(create_did(CHAIN_ID, identity))
        data = encode(
            ("address", "uint40", "uint40", "uint8", "bytes32", "bytes32"),
            (bytes(20), _FIRST, _UNTIL, 1, bytes(32), bytes(32)),
        )
        role = Role.ISSUE.to_bytes(32, "big")
        entry = (_ACCREDITATION_CHANGED, subject, credential_type_id(HEALTH_ID.vct), role)
        logs.append(_log(ADDRESSES.trust_registry, entry, data, len(logs) + 1))
    return logs


def _log(address: bytes, topics: tuple[bytes, ...], data: bytes, block: int) -> Log:
    return Log(address, topics, data, block, _FIRST + block, 0)


async def measure_growth(issuers: int, folder: Path) -> Growth:
    """Mirrors so many issuers into a fresh SQLite file, starts again from it, and looks issuers up."""
    ledger = ListedLedger(create_logs(issuers))
    database = Database(f"sqlite+aiosqlite:///{folder / f'{issuers}.sqlite'}")
    try:
        await database.migrate(Path(verifier.migrations.__path__[0]))
        store = SqlMirrorStore(database, REGISTRY_TABLES)
        mirror = RegistryMirror(ledger, ADDRESSES, store, lambda: NOW)
        await mirror.start()
        began = time.perf_counter()
        await mirror.advance()
        mirror_seconds = time.perf_counter() - began
        again = RegistryMirror(ledger, ADDRESSES, store, lambda: NOW)
        began = time.perf_counter()
        await again.start()
        await again.advance()
        restart_seconds = time.perf_counter() - began
    finally:
        await database.close()
    trust = RegistryTrust(again.state, chain_id=CHAIN_ID, synced_at=NOW)
    return Growth(issuers, mirror_seconds, restart_seconds, *_look_ups(trust, issuers))


def _look_ups(trust: RegistryTrust, issuers: int) -> tuple[float, float]:
    """Microseconds of a look-up (the issuer's key, and its accreditation): the first of an issuer, and later ones."""
    step = max(issuers // LOOK_UPS, 1)
    dids = [create_did(CHAIN_ID, identity_of(number)) for number in range(0, issuers, step)]
    rounds = []
    for _ in range(6):
        taken = []
        for did in dids:
            began = time.perf_counter_ns()
            trust.verification_key(f"{did}#delegate-1", at=NOW)
            trust.accreditation(did, Role.ISSUE, HEALTH_ID.vct, at=NOW)
            taken.append((time.perf_counter_ns() - began) / 1_000)
        rounds.append(statistics.median(taken))
    return rounds[0], statistics.median(rounds[1:])


def measure_mirror() -> str:
    """The growth, as a section of the page."""
    with tempfile.TemporaryDirectory(prefix="sabai-bench-") as name:
        found = [asyncio.run(measure_growth(issuers, Path(name))) for issuers in SIZES]
    rows = [
        f"| {each.issuers:,} | {each.issuers * EVENTS_EACH:,} | {each.mirror_seconds:.2f} s | "
        f"{each.restart_seconds:.2f} s | {each.first_look_up:.0f} µs | {each.look_up:.1f} µs |"
        for each in found
    ]
    titles = "| issuers | events | mirrored in | started again in | first look-up of an issuer | later ones |"
    return "\n".join(["### The registry's mirror", "", titles, "|---:|---:|---:|---:|---:|---:|", *rows])
