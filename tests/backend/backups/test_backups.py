"""Backups as phones keep them: newer ones only, each its owner's alone, on each kind of database."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import httpx
import pytest

from backend.backups.models import Backup
from backend.backups.schemas import MAX_CIPHERTEXT_CHARACTERS
from backend.backups.service import NEW_AN_HOUR, WRITES_A_DAY
from tests.backend.parts import World, statuses_of
from vc_core.encoding import base64url_encode
from vc_core.web.database import Database

ADDRESS, OTHER_ADDRESS = base64url_encode(b"\x01" * 32), base64url_encode(b"\x02" * 32)
SECRET, OTHER_SECRET = base64url_encode(b"\x03" * 32), base64url_encode(b"\x04" * 32)


async def call(
    world: World, method: str, body: Any = None, *, address: str = ADDRESS, secret: str = SECRET
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {secret}"}
    return await world.client.request(method, f"/backups/{address}", json=body, headers=headers)


async def save(world: World, version: int, ciphertext: str = "c2VhbGVk", **owner: str) -> httpx.Response:
    return await call(world, "PUT", {"version": version, "ciphertext": ciphertext}, **owner)


async def test_a_backup_is_kept_replaced_given_back_and_deleted(world: World) -> None:
    assert (await save(world, 1)).status_code == 204
    assert (await save(world, 5, "bmV3ZXI")).status_code == 204
    answer = await call(world, "GET")
    assert answer.json() == {"version": 5, "ciphertext": "bmV3ZXI"}
    assert answer.headers["cache-control"] == "no-store"
    assert (await call(world, "DELETE")).status_code == 204
    assert (await call(world, "GET")).status_code == 404


async def test_no_version_goes_back(world: World) -> None:
    await save(world, 5, "bmV3ZXI")
    for version in (1, 4, 5):
        refused = await save(world, version)
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert (await call(world, "GET")).json() == {"version": 5, "ciphertext": "bmV3ZXI"}


async def test_who_has_not_both_address_and_secret_can_not_tell_whether_there_is_a_backup(world: World) -> None:
    await save(world, 5)
    for method in ("GET", "DELETE"):
        guesses = [
            await call(world, method, secret=OTHER_SECRET),
            await call(world, method, address=OTHER_ADDRESS),
        ]
        assert statuses_of(guesses) == [404, 404]
        assert guesses[0].json() == guesses[1].json()
    assert (await save(world, 9, secret=OTHER_SECRET)).json() == (await save(world, 5)).json()
    assert (await call(world, "GET")).json()["version"] == 5


async def test_a_hundred_guesses_at_once_open_nothing_and_keep_nobody_out(world: World) -> None:
    await save(world, 5)
    guesses = [call(world, "GET", secret=secrets.token_urlsafe(32)) for _ in range(100)]
    assert statuses_of(await asyncio.gather(*guesses)) == [404] * 100
    assert (await call(world, "GET")).status_code == 200


@pytest.mark.parametrize("first", [True, False], ids=["first", "newer"])
async def test_of_many_of_one_version_at_once_one_is_kept(world: World, first: bool) -> None:
    if not first:
        await save(world, 1)
    ciphertexts = [base64url_encode(bytes([each] * 30)) for each in range(20)]
    answers = await asyncio.gather(*(save(world, 2, each) for each in ciphertexts))
    assert statuses_of(answers) == [204] + [409] * 19
    kept = next(each for each, answer in zip(ciphertexts, answers, strict=True) if answer.status_code == 204)
    assert (await call(world, "GET")).json() == {"version": 2, "ciphertext": kept}


async def test_the_database_holds_neither_address_nor_secret(world: World, database: Database) -> None:
    await save(world, 1)
    async with database.transaction() as session:
        row = (await (await session.connection()).exec_driver_sql("SELECT * FROM backup")).one()
    kept = repr(row)
    for sent in (ADDRESS, SECRET, repr(b"\x01" * 32), repr(b"\x03" * 32)):
        assert sent.strip("b'") not in kept
    assert row.ciphertext == b"sealed"


async def test_a_backup_is_replaced_so_often_a_day_and_then_tomorrow(world: World, database: Database) -> None:
    await save(world, 1)
    async with database.transaction() as session:
        await (await session.connection()).exec_driver_sql(f"UPDATE backup SET writes = {WRITES_A_DAY}")  # noqa: S608
    refused = await save(world, 2)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    world.clock.advance(int(refused.headers["retry-after"]))
    assert (await save(world, 2)).status_code == 204


async def test_only_so_many_backups_begin_an_hour_while_others_go_on(world: World, database: Database) -> None:
    await save(world, 1)
    now = world.clock()
    async with database.transaction() as session:
        for _ in range(NEW_AN_HOUR - 1):
            session.add(
                Backup(
                    address_hash=secrets.token_bytes(32),
                    secret_hash=b"s",
                    version=1,
                    ciphertext=b"",
                    created_at=now,
                    written_on=0,
                    writes=1,
                )
            )
    refused = await save(world, 1, address=OTHER_ADDRESS)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert (await save(world, 2)).status_code == 204
    world.clock.advance(int(refused.headers["retry-after"]))
    assert (await save(world, 1, address=OTHER_ADDRESS)).status_code == 204


async def test_what_is_no_backup_is_refused_and_the_largest_is_kept(world: World) -> None:
    for body in (
        {"version": 0, "ciphertext": "AA"},
        {"version": 2**53, "ciphertext": "AA"},
        {"version": "1", "ciphertext": "AA"},
        {"version": 1, "ciphertext": ""},
        {"version": 1, "ciphertext": "A A"},
        {"version": 1, "ciphertext": "A"},
        {"version": 1, "ciphertext": "A" * (MAX_CIPHERTEXT_CHARACTERS + 4)},
        {"version": 1, "ciphertext": "AA", "name": "x"},
    ):
        assert (await call(world, "PUT", body)).json()["code"] == "invalid_request"
    assert (await save(world, 1, "A" * (MAX_CIPHERTEXT_CHARACTERS + 2000))).status_code == 413
    assert (await call(world, "GET")).status_code == 404
    assert (await save(world, 1, "A" * MAX_CIPHERTEXT_CHARACTERS)).status_code == 204


async def test_nobody_is_asked_without_a_secret_or_with_no_address(world: World) -> None:
    assert (await world.client.get(f"/backups/{ADDRESS}")).status_code == 401
    assert (await call(world, "GET", address="short")).status_code == 400
