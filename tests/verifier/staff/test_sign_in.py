"""Invitations, passkeys and sessions of the desk's staff."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.passkeys import USER_PRESENT
from tests.verifier.conftest import DESK_TOKEN, OpenDesk
from tests.verifier.staff.conftest import BEARER, COOKIE, Staffed, open_staffed
from vc_core.web.database import Database
from verifier.staff.service import INVITATION_SECONDS, LIMITS
from verifier.tables import METADATA

TABLES = ("staff_member", "staff_passkey", "staff_invitation", "staff_session", "staff_event", "check_record")

BOTH = pytest.mark.parametrize(
    "database_kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


def told(response: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return response.status_code, response.json().get("code", "")


@BOTH
async def test_from_the_invitation_to_the_session_and_out(staffed: Staffed) -> None:
    invited = (await staffed.invite("สมศรี ใจดี")).json()
    assert invited["member"] | {"id": ""} == {"id": "", "name": "สมศรี ใจดี", "role": "desk", "active": True}
    assert invited["expires_at"] == staffed.clock() + INVITATION_SECONDS
    somsri = staffed.somebody("somsri")
    assert (await somsri.session()) == {"member": None, "required": False}
    assert (await somsri.accept(invited["link"])).status_code == 201
    assert (await somsri.session())["member"] == invited["member"]
    secret = somsri.client.cookies[COOKIE]
    assert (await somsri.client.delete("/staff/session")).status_code == 204
    assert (await somsri.session())["member"] is None
    somsri.client.cookies.set(COOKIE, secret, domain="desk.test")
    assert (await somsri.session())["member"] is None, "signing out is no matter of the cookie alone"
    assert (await somsri.sign_in()).json() == invited["member"]
    assert somsri.client.cookies[COOKIE] != secret


@BOTH
async def test_an_invitation_is_good_once_and_not_for_ever(staffed: Staffed) -> None:
    link = (await staffed.invite("Somsri")).json()["link"]
    assert (await staffed.somebody("first").accept(link)).status_code == 201
    assert told(await staffed.somebody("second").accept(link)) == (404, "not_found")
    late = (await staffed.invite("Late")).json()["link"]
    staffed.clock.advance(INVITATION_SECONDS)
    assert told(await staffed.somebody("late").accept(late)) == (404, "not_found")
    assert told(await staffed.somebody("guess").accept("/#invitation=guess")) == (404, "not_found")


async def test_one_link_of_a_member_counts(staffed: Staffed) -> None:
    first = (await staffed.invite("Somsri")).json()
    again = await staffed.client.post(f"/staff/members/{first['member']['id']}/invitations", headers=BEARER)
    assert told(await staffed.somebody("first").accept(first["link"])) == (404, "not_found")
    assert (await staffed.somebody("second").accept(again.json()["link"])).status_code == 201


@BOTH
async def test_a_passkey_is_one_members(staffed: Staffed) -> None:
    somsri = await staffed.join("somsri")
    link = (await staffed.invite("Malee")).json()["link"]
    assert told(await somsri.accept(link)) == (409, "conflict")
    assert (await staffed.somebody("malee").accept(link)).status_code == 201, "the invitation is still good"


async def test_an_answer_counts_once_and_for_what_it_was_asked_for(staffed: Staffed) -> None:
    somsri = await staffed.join("somsri")
    options = (await somsri.client.post("/staff/sign-in/options")).json()["options"]
    answer = {"credential": somsri.key.get(options)}
    assert (await somsri.client.post("/staff/sign-in", json=answer)).status_code == 200
    assert told(await somsri.client.post("/staff/sign-in", json=answer)) == (401, "unauthenticated")
    link = (await staffed.invite("Malee")).json()["link"]
    code = link.partition("#invitation=")[2]
    opened = (await somsri.client.post("/staff/invitations/open", json={"code": code})).json()["options"]
    for options in ({**opened, "rpId": opened["rp"]["id"]}, {"rpId": "desk.test", "challenge": "AAAA"}):
        answer = {"credential": somsri.key.get(options)}
        assert told(await somsri.client.post("/staff/sign-in", json=answer)) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "changes",
    [{"flags": USER_PRESENT}, {"origin": "http://evil.test"}, {"crossOrigin": True}],
    ids=["not verified", "another page", "in a frame"],
)
async def test_wrong_answers_sign_nobody_in(staffed: Staffed, changes: dict[str, Any]) -> None:
    somsri = await staffed.join("somsri")
    await somsri.client.delete("/staff/session")
    assert told(await somsri.sign_in(**changes)) == (401, "unauthenticated")
    assert (await somsri.session())["member"] is None


async def test_a_stranger_and_junk_are_refused(staffed: Staffed) -> None:
    stranger = staffed.somebody("stranger")
    assert told(await stranger.sign_in()) == (401, "unauthenticated")
    for credential in ({}, {"id": 1}, {"id": "", "response": []}, {"response": {"clientDataJSON": "e30"}}):
        assert told(await stranger.client.post("/staff/sign-in", json={"credential": credential})) == (
            400,
            "invalid_request",
        )
    for name in ("", " ", "x" * 81, "a\u202eb", "a\0b"):
        assert told(await staffed.invite(name)) == (400, "invalid_request")


async def test_a_session_ends_without_requests_and_in_any_case(staffed: Staffed) -> None:
    somsri = await staffed.join("somsri")
    staffed.clock.advance(LIMITS.idle_seconds - 1)
    assert (await somsri.session())["member"] is not None
    staffed.clock.advance(LIMITS.idle_seconds - 1)
    assert (await somsri.session())["member"] is not None, "it was in use"
    staffed.clock.advance(LIMITS.idle_seconds)
    assert (await somsri.session())["member"] is None
    await somsri.sign_in()
    for _ in range(LIMITS.absolute_seconds // LIMITS.idle_seconds + 1):
        staffed.clock.advance(LIMITS.idle_seconds - 1)
        ended = (await somsri.session())["member"] is None
    assert ended


@BOTH
async def test_who_is_deactivated_is_out_at_once_and_their_old_session_does_not_come_back(staffed: Staffed) -> None:
    somsri = await staffed.join("somsri")
    path = f"/staff/members/{somsri.member['id']}"
    changed = await staffed.client.patch(path, json={"active": False}, headers=BEARER)
    assert changed.json()["active"] is False
    assert (await somsri.session())["member"] is None
    assert told(await somsri.sign_in()) == (401, "unauthenticated")
    assert told(await staffed.client.post(f"{path}/invitations", headers=BEARER)) == (409, "conflict")
    await staffed.client.patch(path, json={"active": True}, headers=BEARER)
    assert (await somsri.session())["member"] is None
    assert (await somsri.sign_in()).status_code == 200


async def test_a_lost_phone_is_forgotten(staffed: Staffed) -> None:
    somsri = await staffed.join("somsri")
    path = f"/staff/members/{somsri.member['id']}/passkeys"
    assert (await staffed.client.delete(path, headers=BEARER)).status_code == 204
    assert (await somsri.session())["member"] is None
    assert told(await somsri.sign_in()) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("PATCH", "", {"role": "desk"}), ("PATCH", "", {"active": False}), ("DELETE", "/passkeys", None)],
    ids=["demoted", "deactivated", "phone lost"],
)
async def test_invitations_end_with_the_supervisor_who_made_them(
    staffed: Staffed, method: str, path: str, body: dict[str, Any] | None
) -> None:
    head, other = await staffed.join("head", "supervisor"), await staffed.join("other", "supervisor")
    withdrawn = (await staffed.invite("Malee", "supervisor", by=head.client)).json()["link"]
    kept = (await staffed.invite("Somsri", by=other.client)).json()["link"]
    address = f"/staff/members/{head.member['id']}{path}"
    assert (await other.client.request(method, address, json=body)).is_success
    assert told(await staffed.somebody("malee").accept(withdrawn)) == (404, "not_found")
    assert (await staffed.somebody("somsri").accept(kept)).status_code == 201


async def test_supervisors_say_who_works_here_and_nobody_else(staffed: Staffed) -> None:
    head, somsri = await staffed.join("head", "supervisor"), await staffed.join("somsri")
    assert told(await somsri.client.get("/staff/members")) == (403, "forbidden")
    assert told(await staffed.invite("Malee", by=somsri.client)) == (403, "forbidden")
    path = f"/staff/members/{somsri.member['id']}"
    assert told(await somsri.client.patch(path, json={"role": "supervisor"})) == (403, "forbidden")
    assert told(await staffed.client.get("/staff/members")) == (401, "unauthenticated")
    wrong = {"Authorization": "Bearer " + "x" * len(DESK_TOKEN)}
    assert told(await staffed.client.get("/staff/members", headers=wrong)) == (401, "unauthenticated")
    await staffed.invite("Malee", by=head.client)
    assert (await head.client.patch(path, json={"role": "supervisor"})).json()["role"] == "supervisor"
    assert (await somsri.client.get("/staff/members")).status_code == 200, "a role counts from the next request on"
    listed = {each["name"]: each for each in (await head.client.get("/staff/members")).json()["members"]}
    assert (listed["Malee"]["passkeys"], listed["Malee"]["invited_until"]) == (0, staffed.clock() + INVITATION_SECONDS)
    assert (listed["head"]["passkeys"], listed["head"]["last_signed_in_at"]) == (1, staffed.clock())
    assert told(await head.client.patch("/staff/members/nobody", json={"active": False})) == (404, "not_found")


async def test_the_desk_token_says_who_works_here_on_ones_own_machine_only(open_desk: OpenDesk, tmp_path: Path) -> None:
    """People type it on the plain page: it makes nobody a supervisor where there are people."""
    desk_token = {"Authorization": f"Bearer {DESK_TOKEN}"}
    body = {"name": "Somsri", "role": "supervisor"}
    answers = {}
    for url in ("http://127.0.0.1:8002", "http://desk.test"):
        database = f"sqlite+aiosqlite:///{tmp_path / 'v.sqlite'}"
        async with open_staffed(open_desk, database, public_url=url, manager_token=None) as staffed:
            answers[url] = (await staffed.client.post("/staff/members", json=body, headers=desk_token)).status_code
    assert answers == {"http://127.0.0.1:8002": 201, "http://desk.test": 401}


async def test_what_is_dangerous_needs_the_passkey_of_just_now(staffed: Staffed) -> None:
    """A13."""
    head = await staffed.join("head", "supervisor")
    staffed.clock.advance(LIMITS.step_up_seconds)
    path = f"/staff/members/{head.member['id']}"
    refused = [
        await staffed.invite("Malee", by=head.client),
        await head.client.post(f"{path}/invitations"),
        await head.client.patch(path, json={"role": "desk"}),
        await head.client.delete(f"{path}/passkeys"),
    ]
    assert {told(each) for each in refused} == {(401, "insufficient_user_authentication")}
    assert (await head.client.get("/staff/members")).status_code == 200
    assert (await head.sign_in()).status_code == 200
    assert (await staffed.invite("Malee", by=head.client)).status_code == 201


async def test_a_member_adds_a_phone_of_their_own_but_nobody_elses(staffed: Staffed) -> None:
    somsri, malee = await staffed.join("somsri"), await staffed.join("malee")
    own = await somsri.client.post(f"/staff/members/{somsri.member['id']}/invitations")
    phone = staffed.somebody("phone")
    await phone.accept(own.json()["link"])
    assert phone.member == somsri.member
    other = await somsri.client.post(f"/staff/members/{malee.member['id']}/invitations")
    assert told(other) == (403, "forbidden")


async def test_the_database_has_no_secret_and_says_who_did_what(open_desk: OpenDesk, database_url: str) -> None:
    async with open_staffed(open_desk, database_url) as staffed:
        head = await staffed.join("head", "supervisor")
        invited = (await staffed.invite("Malee", by=head.client)).json()
        assert (await head.sign_in()).status_code == 200
        assert (await staffed.somebody("malee").accept(invited["link"])).status_code == 201
        for again in ("first", "second"):
            assert told(await staffed.somebody(again).accept(invited["link"])) == (404, "not_found")
            assert told(await staffed.somebody(again).sign_in()) == (401, "unauthenticated")
            assert told(await head.sign_in(origin="http://evil.test")) == (401, "unauthenticated")
        await head.client.post("/checks", json={"qr": "nothing of ours"})
        await staffed.client.post("/checks", json={"qr": "nothing of ours"})
        secrets = [head.client.cookies[COOKIE], invited["link"].partition("=")[2]]
    database = Database(database_url)
    async with database.transaction() as session:
        connection = await session.connection()
        dump = {table: (await connection.execute(select(METADATA.tables[table]))).mappings().all() for table in TABLES}
    await database.close()
    assert not any(secret in str(dump) for secret in secrets)
    assert {row["staff_id"] for row in dump["check_record"]} == {head.member["id"], None}
    malee = invited["member"]["id"]
    assert Counter((row["action"], row["member_id"], row["actor_id"]) for row in dump["staff_event"]) == {
        ("invited", head.member["id"], None): 1,
        ("joined", head.member["id"], head.member["id"]): 1,
        ("signed_in", head.member["id"], head.member["id"]): 1,
        ("invited", malee, head.member["id"]): 1,
        ("joined", malee, malee): 1,
        ("invitation_refused", malee, None): 1,
        ("sign_in_refused", head.member["id"], None): 1,
    }


async def test_passkeys_need_a_name(open_desk: OpenDesk, tmp_path: Any) -> None:
    address = {"public_url": "https://192.168.1.5:8002"}
    async with open_staffed(open_desk, f"sqlite+aiosqlite:///{tmp_path / 'v.sqlite'}", **address) as staffed:
        assert told(await staffed.invite("Somsri")) == (409, "conflict")
        assert told(await staffed.client.post("/staff/sign-in/options")) == (409, "conflict")


async def test_pages_of_other_sites_and_forms_sign_nobody_in(staffed: Staffed) -> None:
    """A5."""
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert told(await staffed.client.post("/staff/sign-in/options", headers=elsewhere)) == (400, "invalid_request")
    form = {"Content-Type": "text/plain"}
    plain = await staffed.client.post("/staff/sign-in", content='{"credential": {}}', headers=form)
    assert told(plain) == (415, "unsupported_media_type")
