"""A desk's day: its checks without names, and whether faces were compared, said once for each."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.issuing import DAY
from tests.verifier.conftest import Desk
from tests.verifier.staff.conftest import Staffed, database_kind, staffed
from vc_core.coverage import BANGKOK
from verifier.today.service import MAX_LISTED, midnight_before

__all__ = ["database_kind", "staffed"]


async def today(desk: Desk) -> dict[str, object]:
    """The list."""
    answer = await desk.client.get("/checks/today")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    found: dict[str, object] = answer.json()
    return found


async def say(desk: Desk, check_id: str, *, same_person: bool) -> int:
    """The status that recording a comparison is answered with."""
    answer = await desk.client.post(f"/checks/{check_id}/face", json={"same_person": same_person})
    return answer.status_code


def test_a_day_begins_at_midnight_in_thailand() -> None:
    midnight = 1_790_010_000  # 00:00 in Bangkok, 17:00 in Greenwich
    assert [midnight_before(midnight + each) - midnight for each in (0, DAY - 1, DAY, -1)] == [0, 0, DAY, -DAY]
    assert BANGKOK.utcoffset(None).total_seconds() == 7 * 3600


async def test_today_has_what_was_checked_and_no_names(desk: Desk) -> None:
    accepted = await desk.check(desk.show())
    desk.clock.advance(5)
    rejected = await desk.check("nothing of ours")
    assert await today(desk) == {
        "accepted": 1,
        "rejected": 1,
        "checks": [
            {
                "check_id": rejected["check_id"],
                "checked_at": desk.clock(),
                "verdict": "rejected",
                "code": "NOT_A_CREDENTIAL",
                "credential_type": None,
                "same_person": None,
                "checked_by": None,
            },
            {
                "check_id": accepted["check_id"],
                "checked_at": desk.clock() - 5,
                "verdict": "accepted",
                "code": "OK",
                "credential_type": "InsuranceCoverage",
                "same_person": None,
                "checked_by": None,
            },
        ],
    }
    desk.clock.advance(DAY)
    assert await today(desk) == {"accepted": 0, "rejected": 0, "checks": []}


async def test_of_very_many_the_latest(sqlite_desk: Desk) -> None:
    for _ in range(MAX_LISTED + 5):
        await sqlite_desk.check("x")
    found = await today(sqlite_desk)
    assert found["rejected"] == MAX_LISTED + 5
    assert isinstance(found["checks"], list)
    assert len(found["checks"]) == MAX_LISTED


async def test_a_face_is_compared_once(desk: Desk) -> None:
    check_id = (await desk.check(desk.show()))["check_id"]
    statuses = await asyncio.gather(*(say(desk, check_id, same_person=number % 2 == 0) for number in range(10)))
    assert sorted(statuses) == [200] * 5 + [409] * 5
    recorded = (await today(desk))["checks"][0]["same_person"]  # type: ignore[index]
    assert statuses == [200 if (number % 2 == 0) is recorded else 409 for number in range(10)]


async def test_of_a_refused_code_nobody_is_compared(desk: Desk) -> None:
    refused = await desk.check("nothing of ours")
    for check_id in (refused["check_id"], "0" * 32, "x" * 1000):
        assert await say(desk, check_id, same_person=True) == 404


async def test_yesterdays_check_is_closed(desk: Desk) -> None:
    check_id = (await desk.check(desk.show()))["check_id"]
    desk.clock.advance(DAY)
    assert await say(desk, check_id, same_person=True) == 404


@pytest.mark.parametrize("body", [{}, {"same_person": "yes"}, {"same_person": 1}, {"same_person": True, "x": 1}])
async def test_it_is_yes_or_no(sqlite_desk: Desk, body: dict[str, object]) -> None:
    answer = await sqlite_desk.client.post("/checks/x/face", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


async def test_a_replayed_code_keeps_its_own_line(desk: Desk) -> None:
    code = desk.show()
    first, second = await desk.check(code), await desk.check(code)
    assert first["check_id"] != second["check_id"]
    assert await say(desk, second["check_id"], same_person=True) == 404


async def test_the_list_says_who_checked(staffed: Staffed) -> None:
    member = await staffed.join("Somsri")
    await member.client.post("/checks", json={"qr": "x"})
    [line] = (await member.client.get("/checks/today")).json()["checks"]
    assert line["checked_by"] == "Somsri"
