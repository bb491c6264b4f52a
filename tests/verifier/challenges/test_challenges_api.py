"""`POST /challenges`, and what phones answer: once, in time, to this desk, by its key."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.hospital import TestHospital
from tests.verifier.conftest import DESK_TOKEN, FACILITY_DID, Desk, OpenDesk, Registry
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.crypto.jwe import EncryptionKey
from vc_core.crypto.keys import P256Signer
from vc_core.formats.desk_challenge import UnverifiedChallenge, create_answer, parse_challenge
from vc_core.formats.printed_card import create_printed_card
from vc_core.verifier_trust import verify_challenge
from verifier.challenges.service import KEEP_SECONDS, LIFETIME_SECONDS


@pytest.fixture
async def named_desk(open_desk: OpenDesk, registry: Registry, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk whose key for requests the registry has."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'named.sqlite'}"
    async with open_desk(url, **named(registry.hospital, tmp_path)) as opened:
        yield opened


def named(hospital: TestHospital, folder: Path) -> dict[str, Any]:
    """The settings of that hospital's desk."""
    key = folder / "requests.pem"
    key.write_bytes(hospital.pem)
    return {
        "facility_did": hospital.did,
        "requests_verification_method": hospital.requests_method,
        "requests_key": str(key),
    }


async def challenge(desk: Desk) -> UnverifiedChallenge:
    """A new one, as a phone reads it."""
    response = await desk.client.post("/challenges")
    assert response.status_code == 201, response.text
    assert response.headers["cache-control"] == "no-store"
    created = response.json()
    assert created.keys() == {"id", "qr", "expires_at"}
    read = parse_challenge(created["qr"])
    assert read.challenge.expires_at == created["expires_at"] == desk.clock() + LIFETIME_SECONDS
    return read


def answer(desk: Desk, read: UnverifiedChallenge, qr_pass: bytes | None = None, **changed: Any) -> str:
    """The phone's code."""
    made: dict[str, Any] = {
        "holder": desk.holder,
        "presented_at": desk.clock(),
        "ephemeral": EncryptionKey.generate(),
        "initialization_vector": bytes(12),
    }
    return create_answer(qr_pass or desk.issuer.create_pass(desk.holder), read.challenge, **(made | changed))


async def code(desk: Desk, text: str) -> str:
    """The code of the verdict."""
    verdict = await desk.check(text)
    assert (verdict["person"] is None) is (verdict["verdict"] == "rejected")
    return str(verdict["code"])


async def test_a_phone_answers_once(desk: Desk) -> None:
    read = await challenge(desk)
    assert (read.challenge.audience, read.verification_method) == (FACILITY_DID, None)
    text = answer(desk, read)
    verdict = await desk.check(f" {text}\r\n")
    assert (verdict["code"], verdict["assurance"]) == ("OK", "holder_present")
    assert verdict["person"]["name_latin"] == "Sandar Hlaing"
    assert await code(desk, text) == "REPLAYED"
    assert await code(desk, answer(desk, read)) == "REPLAYED"


async def test_the_desk_signs_where_the_registry_has_its_key(named_desk: Desk, registry: Registry) -> None:
    read = await challenge(named_desk)
    assert read.verification_method == registry.hospital.requests_method
    trust = named_desk.app.state.registry.trust
    assert verify_challenge(read, trust=trust, now=named_desk.clock()).name == "Riverside Hospital"
    assert await code(named_desk, answer(named_desk, read)) == "OK"


async def test_a_key_that_the_registry_lacks_signs_nothing(
    open_desk: OpenDesk, registry: Registry, tmp_path: Path
) -> None:
    settings = named(registry.hospital, tmp_path)
    settings["requests_verification_method"] += "7"
    async with open_desk(f"sqlite+aiosqlite:///{tmp_path / 'lacking.sqlite'}", **settings) as desk:
        assert (await challenge(desk)).verification_method is None


async def test_many_answers_at_once_are_one(open_desk: OpenDesk, database_url: str) -> None:
    """The same phone's, and different ones, at two processes."""
    async with open_desk(database_url) as one, open_desk(database_url) as other:
        read = await challenge(one)
        texts = [answer(one, read) for _ in range(5)]
        codes = await asyncio.gather(*(code(desk, text) for desk in (one, other) for text in texts * 2))
    assert Counter(codes) == {"OK": 1, "REPLAYED": 19}


async def test_an_answer_to_another_desk(sqlite_desk: Desk, open_desk: OpenDesk, tmp_path: Path) -> None:
    """V6."""
    one = sqlite_desk
    async with open_desk(f"sqlite+aiosqlite:///{tmp_path / 'elsewhere.sqlite'}") as other:
        text = answer(one, await challenge(one))
        assert await code(other, text) == "WRONG_AUDIENCE"
        assert await code(one, text) == "OK"


async def test_an_answer_that_comes_late(sqlite_desk: Desk) -> None:
    """V6: told apart from one to another desk, for a shift."""
    read = await challenge(sqlite_desk)
    sqlite_desk.clock.advance(LIFETIME_SECONDS - 1)
    text = answer(sqlite_desk, read)
    sqlite_desk.clock.advance(1)
    assert await code(sqlite_desk, text) == "EXPIRED_PRESENTATION"
    sqlite_desk.clock.advance(KEEP_SECONDS)
    await sqlite_desk.app.state.challenges.forget_old()
    assert await code(sqlite_desk, text) == "EXPIRED_PRESENTATION"
    sqlite_desk.clock.advance(1)
    await sqlite_desk.app.state.challenges.forget_old()
    assert await code(sqlite_desk, text) == "WRONG_AUDIENCE"


async def test_a_refused_answer_leaves_room_for_a_good_one(sqlite_desk: Desk) -> None:
    read = await challenge(sqlite_desk)
    assert await code(sqlite_desk, answer(sqlite_desk, read, holder=P256Signer.generate())) == "HOLDER_KEY"
    assert await code(sqlite_desk, answer(sqlite_desk, read, presented_at=sqlite_desk.clock() + 31)) == "CLOCK_SKEW"
    sqlite_desk.clock.advance(61)
    qr_pass = sqlite_desk.issuer.create_pass(sqlite_desk.holder, credential_type=HEALTH_ID)
    assert await code(sqlite_desk, answer(sqlite_desk, read, qr_pass)) == "OK"


async def test_what_answers_no_challenge_does_not_pass_for_an_answer(open_desk: OpenDesk, tmp_path: Path) -> None:
    async with open_desk(f"sqlite+aiosqlite:///{tmp_path / 'cards.sqlite'}", printed_cards=True) as desk:
        read = await challenge(desk)
        in_the_open = desk.show(audience=read.challenge.audience, nonce=read.challenge.nonce)
        assert await code(desk, in_the_open) == "WRONG_AUDIENCE"
        card = create_printed_card(
            desk.issuer.create_pass(desk.holder),
            holder=desk.holder,
            printed_at=desk.clock(),
            expires_at=desk.clock() + 60,
            pin="140326",
            salt=bytes(16),
        )
        assert await code(desk, "SBA1:" + card[5:]) == "MALFORMED"
        assert await code(desk, "SBA1:") == "MALFORMED"


async def test_other_sites_pages_get_none(sqlite_desk: Desk) -> None:
    response = await sqlite_desk.client.post("/challenges", headers={"Sec-Fetch-Site": "cross-site"})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")


@pytest.mark.postgres
async def test_production_asks_for_the_desk_token(open_desk: OpenDesk, postgres_url: str) -> None:
    async with open_desk(postgres_url, profile="production", public_url="https://desk.test") as desk:
        assert (await desk.client.post("/challenges")).status_code == 401
        headers = {"Authorization": f"Bearer {DESK_TOKEN}"}
        assert (await desk.client.post("/challenges", headers=headers)).status_code == 201
