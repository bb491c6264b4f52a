"""`/people` over HTTP."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from issuer.roster.roster_file import MAX_FILE_BYTES
from tests.issuer.wallet import OFFICER

CSV = OFFICER | {"Content-Type": "text/csv; charset=utf-8"}
ROSTER = (Path(__file__).parents[1] / "roster.csv").read_bytes()


async def test_importing_again_changes_only_what_changed(client: httpx.AsyncClient, people: dict[str, str]) -> None:
    before = (await client.get(f"/people/{people['A2']}", headers=OFFICER)).json()
    changed = ROSTER.replace(b"Somchai Jaidee", b"Somchai Jaidii")
    report = (await client.post("/people", content=changed, headers=CSV)).json()
    assert (report["imported"], report["updated"], report["unchanged"]) == (0, 1, 2)
    after = (await client.get(f"/people/{people['A2']}", headers=OFFICER)).json()
    assert after == before | {"name_latin": "Somchai Jaidii"}


async def test_a_dry_run_says_the_same_and_changes_nothing(client: httpx.AsyncClient, people: dict[str, str]) -> None:
    before = (await client.get("/people", headers=OFFICER)).json()
    file = ROSTER.replace(b"Somchai Jaidee", b"Somchai Jaidii") + ROSTER.splitlines()[1].replace(b"A1", b"B1") + b"\n"
    file += ROSTER.splitlines()[3].replace(b"A3", b"B3").replace(b"P1234567", b"P7654321")
    told = (await client.post("/people?dry_run=true", content=file, headers=CSV)).json()
    assert (told["imported"], told["updated"], told["unchanged"], len(told["problems"])) == (1, 1, 2, 1)
    assert (await client.get("/people", headers=OFFICER)).json() == before
    assert (await client.post("/people", content=file, headers=CSV)).json() == told


async def test_a_number_that_someone_else_has_is_a_problem(client: httpx.AsyncClient, people: dict[str, str]) -> None:
    report = (await client.post("/people", content=ROSTER.replace(b"A1,", b"B1,"), headers=CSV)).json()
    fault = {"code": "identifier_taken", "column": "identifier_value"}
    reason = "another person in the roster has this identifier"
    assert report["problems"] == [{"line": 2, "reason": reason, "faults": [fault]}]
    assert (report["imported"], report["unchanged"]) == (0, 2)


async def test_the_same_import_many_times_at_once(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.post("/people", content=ROSTER, headers=CSV) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert sum(answer.json()["imported"] for answer in answers) == 3


async def test_people_page_by_page(client: httpx.AsyncClient, people: dict[str, str]) -> None:
    first = (await client.get("/people?limit=2", headers=OFFICER)).json()
    second = (await client.get("/people", params={"after": first["next"], "limit": 2}, headers=OFFICER)).json()
    assert [person["person_ref"] for page in (first, second) for person in page["people"]] == ["A1", "A2", "A3"]
    assert second["next"] is None
    assert {person["person_id"] for person in first["people"]} == {people["A1"], people["A2"]}
    for bad in ("limit=0", "limit=201", "limit=x", "after=%00", "after=" + "x" * 65):
        assert (await client.get(f"/people?{bad}", headers=OFFICER)).status_code == 400


async def test_people_are_found_by_name_and_number(client: httpx.AsyncClient, people: dict[str, str]) -> None:
    async def found(search: str) -> list[str]:
        answer = await client.get("/people", params={"search": search}, headers=OFFICER)
        return [person["person_ref"] for person in answer.json()["people"]]

    everyone = (await client.get("/people", headers=OFFICER)).json()["people"]
    for person in everyone:
        for search in (person["name"][1:4], person["name_latin"].upper()[2:6], person["health_id"][:8].lower()):
            assert person["person_ref"] in await found(f" {search} ")
        assert await found(person["identifier_value"]) == [person["person_ref"]]
    for nobody in ("%", "_", "a%i", "zzzz", "' OR 1=1"):
        assert await found(nobody) == []


async def test_health_numbers_are_unlike_and_stay(client: httpx.AsyncClient, people: dict[str, str]) -> None:
    listed = (await client.get("/people", headers=OFFICER)).json()["people"]
    assert len({person["health_id"] for person in listed}) == 3


async def test_what_officers_do_is_for_officers(client: httpx.AsyncClient, people: dict[str, str]) -> None:
    requests = [
        ("GET", "/people"),
        ("POST", "/people"),
        ("GET", f"/people/{people['A1']}"),
        ("GET", f"/people/{people['A1']}/credentials"),
        ("POST", f"/people/{people['A1']}/status"),
        ("POST", "/offers"),
    ]
    for method, path in requests:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic wrong"}):
            answer = await client.request(method, path, headers=headers, json={"any": "thing"})
            assert answer.status_code in (400, 401)
            assert "Maung" not in answer.text


async def test_other_bodies_and_other_people(client: httpx.AsyncClient, people: dict[str, str]) -> None:
    assert (await client.post("/people", json={}, headers=OFFICER)).status_code == 400
    assert (await client.post("/people", content=b"x", headers=CSV)).status_code == 400
    assert (await client.post("/people", content=b"x" * (MAX_FILE_BYTES + 1), headers=CSV)).status_code == 413
    for unknown in ("0" * 32, "%00", "x", people["A1"].upper()):
        assert (await client.get(f"/people/{unknown}", headers=OFFICER)).status_code == 404
