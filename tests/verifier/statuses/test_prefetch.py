"""Status lists at a desk: fetched before they are needed, and none older than before even after a restart (L5, V11)."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from tests.support.clock import SetClock
from tests.verifier.conftest import Desk, OpenDesk
from vc_core.formats.status_list import Status
from verifier.statuses.prefetch import AGGREGATION_SECONDS, AHEAD_SECONDS, RUN_SECONDS, StatusPrefetch

AGGREGATION = "https://issuer.test/status"
TIME_TO_LIVE = 60


def _prefetch(desk: Desk) -> StatusPrefetch:
    prefetch = desk.app.state.prefetch
    assert isinstance(prefetch, StatusPrefetch)
    return prefetch


async def test_a_seen_list_is_fetched_anew_before_a_check_would_wait(sqlite_desk: Desk, clock: SetClock) -> None:
    desk = sqlite_desk
    assert (await desk.check(desk.show()))["code"] == "OK"
    for seconds in range(0, 10 * TIME_TO_LIVE, RUN_SECONDS):
        clock.advance(RUN_SECONDS)
        desk.statuses.issued_at = clock()
        await _prefetch(desk).run()
        asked = desk.statuses.requests
        verdict = await desk.check(desk.show())
        assert (verdict["code"], desk.statuses.requests) == ("OK", asked), seconds
        assert verdict["ages"]["status_seconds"] <= TIME_TO_LIVE - AHEAD_SECONDS + RUN_SECONDS
    assert desk.statuses.requests <= 2 + 10 * TIME_TO_LIVE // (TIME_TO_LIVE - AHEAD_SECONDS)


async def test_a_list_that_an_issuer_tells_of_is_there_before_its_first_credential(
    open_desk: OpenDesk, tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'verifier.sqlite'}"
    async with open_desk(url, status_aggregations=(AGGREGATION,)) as desk:
        desk.statuses.aggregation = AGGREGATION
        desk.clock.advance(AGGREGATION_SECONDS)
        await _prefetch(desk).run()
        desk.statuses.down = True
        assert (await desk.check(desk.show()))["code"] == "OK"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=["x"]),
        httpx.Response(200, json={"status_lists": "x"}),
        httpx.Response(200, json={"status_lists": [1, None, "ftp://x", "x" * 5000], "bitstring_status_lists": {}}),
    ],
)
async def test_an_aggregation_that_is_none_harms_nothing(
    open_desk: OpenDesk, tmp_path: Path, answer: httpx.Response
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'verifier.sqlite'}"
    async with open_desk(url, status_aggregations=(AGGREGATION,)) as desk:
        desk.statuses.answers[AGGREGATION] = answer
        desk.clock.advance(AGGREGATION_SECONDS)
        await _prefetch(desk).run()
        assert (await desk.check(desk.show()))["code"] == "OK"


async def test_after_a_restart_an_older_list_is_refused_and_the_newest_one_serves(
    open_desk: OpenDesk, database_url: str, clock: SetClock
) -> None:
    async with open_desk(database_url) as desk:
        desk.issuer.set_status(Status.INVALID)
        assert (await desk.check(desk.show()))["code"] == "REVOKED"
    async with open_desk(database_url) as desk:
        desk.issuer.set_status(Status.VALID)
        desk.statuses.issued_at = clock() - 1
        clock.advance(2 * TIME_TO_LIVE)
        verdict = await desk.check(desk.show())
        assert (verdict["code"], verdict["ages"]["status_seconds"]) == ("REVOKED", 2 * TIME_TO_LIVE)
        assert desk.statuses.requests == 1
        desk.statuses.down = True
        assert (await desk.check(desk.show()))["code"] == "REVOKED"


async def test_two_processes_of_a_desk_never_go_back_behind_each_other(
    open_desk: OpenDesk, database_url: str, clock: SetClock
) -> None:
    async with open_desk(database_url) as first, open_desk(database_url) as second:
        first.issuer.set_status(Status.INVALID)
        assert (await first.check(first.show()))["code"] == "REVOKED"
        first.issuer.set_status(Status.VALID)
        second.statuses.issued_at = clock() - 1
        assert (await second.check(second.show()))["code"] == "STATUS_UNAVAILABLE"
        second.statuses.issued_at = clock() + 20
        clock.advance(20)
        assert (await second.check(second.show()))["code"] == "OK"


async def test_a_list_seen_while_the_clock_was_wrong_keeps_no_true_one_out(
    open_desk: OpenDesk, tmp_path: Path, clock: SetClock
) -> None:
    path, right = tmp_path / "verifier.sqlite", clock()
    async with open_desk(f"sqlite+aiosqlite:///{path}") as desk:
        assert (await desk.check(desk.show()))["code"] == "OK"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE seen_status_list SET issued_at = :late"), {"late": 4_070_908_800})
    engine.dispose()
    async with open_desk(f"sqlite+aiosqlite:///{path}") as desk:
        clock.advance(2 * TIME_TO_LIVE)
        desk.statuses.issued_at = clock()
        verdict = await desk.check(desk.show())
        assert (verdict["code"], verdict["ages"]["status_seconds"]) == ("OK", 0)
    assert clock() == right + 2 * TIME_TO_LIVE
