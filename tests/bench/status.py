"""Ten million credentials: their status lists built, changed, published and looked up by the services' own code.

It runs in a process of its own, so that the peak of memory is its own too. The database has every list, half full as
they are left, and the row of every credential that was withdrawn; the rows of the others are left out, since nothing
that is measured here reads them (`tests/issuer/status/test_scale.py` sees to that).
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
from sqlalchemy import create_engine, insert

from issuer.app import MIGRATIONS
from issuer.issuance.models import Issuance, Offer
from issuer.keys import IssuingKey
from issuer.roster.models import Person
from issuer.status.allocation import FILLED, LIST_SIZE, allocate
from issuer.status.forms import StatusListForm, bitstring_references, token_reference
from issuer.status.models import StatusListShard
from issuer.status.publication import FRESH, ListKey, PublicationService
from issuer.status.repository import StatusRepository
from issuer.status.service import StatusService
from tests.bench.ratios import measure
from tests.support.clock import SetClock
from tests.support.verification import ISSUER_DID, NOW, FakeTrust
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import Ed25519Signer, P256Signer, Signer
from vc_core.formats.credential import CredentialStatus
from vc_core.formats.status_list import Status, StatusList, parse_status_list_token
from vc_core.http import HttpClient
from vc_core.status import StatusLists
from vc_core.web.database import Database

CREDENTIALS = 10_000_000
WITHDRAWN_SHARE = 0.01
PUBLIC_URL = "https://office.example"
METHOD = ISSUER_DID + "#delegate-2"
SEED = 2026
Result = TypeVar("Result")


def measure_status() -> str:
    """The section of the page, measured in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.status"]
    facts = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return "\n".join(
        [
            f"### Status of {facts['credentials']:,} credentials, {facts['withdrawn']:,} of them withdrawn",
            "",
            "| what | measured |",
            "|---|---:|",
            *(f"| {name} | {value} |" for name, value in facts["rows"].items()),
        ]
    )


async def _run(folder: Path) -> dict[str, Any]:
    generator = random.Random(SEED)  # noqa: S311 - a bench is repeated with the same numbers
    database = Database(f"sqlite+aiosqlite:///{folder / 'issuer.sqlite'}")
    await database.migrate(MIGRATIONS)
    before = _peak_megabytes()
    ids, withdrawn = _fill(folder / "issuer.sqlite", generator)
    clock = SetClock(NOW)
    key = IssuingKey(
        INSURANCE_COVERAGE, ISSUER_DID + "#delegate-1", P256Signer.generate(), METHOD, Ed25519Signer.generate()
    )
    publications = PublicationService(
        database, [ListKey(METHOD, key.status_signer)], PUBLIC_URL, clock, time_to_live=3600
    )
    forms = {form: await _publish(publications, ids, form) for form in StatusListForm}
    again = await _publish(publications, ids, StatusListForm.TOKEN)
    change = [await _change(database, publications, ids[number], f"{number:032x}", clock) for number in range(20)]
    drawn, count = await _timed(lambda: _draw(database, generator, 200))
    tokens = {ids[place]: text for place, text in enumerate(forms[StatusListForm.TOKEN].texts)}
    bits = {ids[place]: text for place, text in enumerate(forms[StatusListForm.REVOCATION_JWT].texts)}
    trust = FakeTrust(keys={METHOD: key.status_signer.public_key})
    rows = {
        "lists of 2^17 entries, half full": f"{len(ids):,}",
        "publish all tokens: read, pack, compress, sign, save durably": str(forms[StatusListForm.TOKEN]),
        "publish all Bitstring lists for revocation, with proofs": str(forms[StatusListForm.REVOCATION]),
        "publish all Bitstring lists for revocation, as JWTs": str(forms[StatusListForm.REVOCATION_JWT]),
        "ask for all tokens again, unchanged": str(again),
        "withdraw one credential": f"{statistics.median(each[0] for each in change) * 1000:.1f} ms",
        "and publish its list anew": f"{statistics.median(each[1] for each in change) * 1000:.1f} ms",
        "take a free entry, random and unique": f"{count / drawn:,.0f} a second",
        "all tokens": _megabytes(forms[StatusListForm.TOKEN].texts),
        "all Bitstring lists, revocation, as JWTs": _megabytes(forms[StatusListForm.REVOCATION_JWT].texts),
        "database": f"{(folder / 'issuer.sqlite').stat().st_size / 1e6:.1f} MB",
        **(await _measure_verifier(tokens, bits, trust, generator)),
        **_measure_one(next(iter(tokens.items())), key.status_signer),
        "memory, above what the program takes itself": f"{_peak_megabytes() - before:.0f} MB",
    }
    await database.close()
    return {"credentials": len(ids) * FILLED, "withdrawn": withdrawn, "rows": rows}


def _fill(path: Path, generator: random.Random) -> tuple[list[str], int]:
    """The lists, and the credentials that were withdrawn, one person each; list ids and how many."""
    engine = create_engine(f"sqlite:///{path}")
    ids = [f"list{number:04d}" for number in range(-(-CREDENTIALS // FILLED))]
    each = int(FILLED * WITHDRAWN_SHARE)
    with engine.begin() as connection:
        shards = [
            {"id": id, "issuer": ISSUER_DID, "shard": number, "allocated": FILLED, "revision": 0}
            for number, id in enumerate(ids)
        ]
        connection.execute(insert(StatusListShard), shards)
        for number, id in enumerate(ids):
            places = generator.sample(range(LIST_SIZE), each)
            _add_credentials(connection, id, number * each, places)
    engine.dispose()
    return ids, each * len(ids)


def _add_credentials(connection: Any, list_id: str, first: int, places: list[int]) -> None:
    people = [f"{first + number:032x}" for number in range(len(places))]
    unknown = dict.fromkeys(
        (
            *("name", "name_latin", "birth_date", "nationality", "identifier_system", "scheme"),
            *("regular_hospital", "primary_hospital", "referral_hospital", "covered_from", "covered_until"),
        ),
        "",
    )
    connection.execute(
        insert(Person),
        [
            {"id": id, "person_ref": id, "health_id": id[-12:], "identifier_value": id[-20:]}
            | unknown
            | {"created_at": NOW, "updated_at": NOW}
            for id in people
        ],
    )
    connection.execute(
        insert(Offer),
        [
            {"id": id, "reference_hash": id, "code_hash": id, "tx_code_mac": "", "tx_code_attempts": 0, "person_id": id}
            | {"configuration_ids": [], "created_at": NOW, "expires_at": NOW}
            for id in people
        ],
    )
    connection.execute(
        insert(Issuance),
        [
            {"id": id, "authorization_id": id, "configuration_id": "qr_pass", "person_id": id, "format": "qr_pass"}
            | {"credential_type": INSURANCE_COVERAGE.name, "holder_thumbprint": "", "list_id": list_id}
            | {"status_index": place, "status": 1 + number % 2, "issued_at": NOW, "expires_at": NOW}
            for number, (id, place) in enumerate(zip(people, places, strict=True))
        ],
    )


@dataclass(frozen=True)
class _Published:
    """Signed lists, and the seconds that they took: by the clock, and of the processor."""

    texts: list[str]
    seconds: float
    processor_seconds: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, {self.processor_seconds / len(self.texts) * 1000:.1f} ms of a processor each"


async def _publish(publications: PublicationService, ids: list[str], form: StatusListForm) -> _Published:
    processor = time.process_time()
    seconds, texts = await _timed(partial(_ask_for_all, publications, ids, form))
    return _Published(texts, seconds, time.process_time() - processor)


async def _ask_for_all(publications: PublicationService, ids: list[str], form: StatusListForm) -> list[str]:
    return [(await publications.current(id, form)).signed for id in ids]


async def _change(
    database: Database, publications: PublicationService, list_id: str, person: str, clock: SetClock
) -> tuple[float, float]:
    """Revokes a credential that was suspended, or the reverse where it is not final; how long each step took."""
    service = StatusService(database, [INSURANCE_COVERAGE.name], clock)

    async def revoke() -> int:
        async with database.transaction() as session:
            return await service.change(session, person, INSURANCE_COVERAGE.name, Status.INVALID)

    changed, _ = await _timed(revoke)
    clock.advance(FRESH)
    published, _ = await _timed(lambda: publications.current(list_id, StatusListForm.TOKEN))
    return changed, published


async def _draw(database: Database, generator: random.Random, count: int) -> int:
    for _ in range(count):
        async with database.transaction() as session:
            await allocate(StatusRepository(session), "did:example:new", generator.randbytes)
    return count


async def _measure_verifier(
    tokens: dict[str, str], bits: dict[str, str], trust: FakeTrust, generator: random.Random
) -> dict[str, str]:
    """A desk that has all lists: taking them in, and looking up statuses."""
    http = HttpClient(transport=httpx.MockTransport(lambda _request: httpx.Response(503)))
    lists = StatusLists(http)

    async def take_all(texts: dict[str, str], form: StatusListForm) -> int:
        for id, text in texts.items():
            await lists.take(form.uri(PUBLIC_URL, id), text, trust=trust, now=NOW)
        return len(texts)

    token_time, _ = await _timed(lambda: take_all(tokens, StatusListForm.TOKEN))
    bits_time, _ = await _timed(lambda: take_all(bits, StatusListForm.REVOCATION_JWT))
    ids = list(tokens)
    places = [(generator.choice(ids), generator.randrange(LIST_SIZE)) for _ in range(10_000)]
    as_token: list[CredentialStatus] = [token_reference(PUBLIC_URL, *place) for place in places]
    as_bits: list[CredentialStatus] = [bitstring_references(PUBLIC_URL, *place, as_jwt=True)[0] for place in places]

    async def look_up(references: list[CredentialStatus]) -> int:
        for each in references:
            await lists.status(each, issuer=ISSUER_DID, trust=trust, now=NOW)
        return len(references)

    token_looks, count = await _timed(lambda: look_up(as_token))
    bits_looks, _ = await _timed(lambda: look_up(as_bits))
    await http.close()
    return {
        "a desk takes in a token (verify, unpack, keep)": f"{len(tokens) / token_time:,.0f} a second",
        "a desk takes in a Bitstring list as JWT": f"{len(bits) / bits_time:,.0f} a second",
        "look-ups at a desk, Token Status List": f"{count / token_looks:,.0f} a second",
        "look-ups at a desk, Bitstring": f"{count / bits_looks:,.0f} a second",
    }


def _measure_one(token: tuple[str, str], signer: Signer) -> dict[str, str]:
    """One token beside the verification of its signature alone, and one number out of its array."""
    key, (id, text) = signer.public_key, token
    message = b"x" * 3000
    signature, uri = signer.sign(message), StatusListForm.TOKEN.uri(PUBLIC_URL, id)
    runs = {
        "raw": lambda: key.verify(signature, message),
        "token": lambda: parse_status_list_token(text).verify(key, expected_uri=uri, now=NOW),
    }
    measured, array = measure(runs), StatusList(2, LIST_SIZE)
    got = measure({"get": lambda: array.get(77_123)}, rounds=5)["get"]
    return {
        "verify and unpack one token": f"{measured['token'].per_second:,.0f} a second, "
        f"{measured['token'].share:.0%} of an Ed25519 verification alone",
        "get a number out of an array": f"{got.per_second / 1e6:.1f} million a second",
    }


async def _timed(work: Callable[[], Awaitable[Result]]) -> tuple[float, Result]:
    started = time.perf_counter()
    result = await work()
    return time.perf_counter() - started, result


def _megabytes(texts: list[str]) -> str:
    return f"{sum(len(each) for each in texts) / 1e6:.2f} MB"


def _peak_megabytes() -> float:
    """The most memory that this process ever had; Linux counts in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="sabai-status-") as place:
        sys.stdout.write(json.dumps(asyncio.run(_run(Path(place)))))
