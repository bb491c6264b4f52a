"""Officers with passkeys: invitations, sessions, roles, four eyes, and what attackers of these try."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from issuer.officers.service import INVITATION_SECONDS
from tests.issuer.officers.conftest import OfficePeople, Somebody
from tests.issuer.wallet import OFFICER, Wallet
from tests.support.clock import SetClock
from vc_core.web.sessions import SessionLimits

REVOCATION = {"credential_type": "InsuranceCoverage", "status": "revoked", "reason": "suspected_fraud"}
LIMITS = SessionLimits()


@pytest.fixture
async def person(people: dict[str, str], wallet: Wallet) -> str:
    """The id of a person who has a coverage."""
    await wallet.credential(await wallet.authorized(people["A1"]))
    return people["A1"]


async def audit(client: httpx.AsyncClient) -> list[tuple[str, str, str]]:
    """Who did what, and how it ended, the newest first."""
    entries = (await client.get("/audit", headers=OFFICER)).json()["entries"]
    return [(each["principal_id"], each["action"], each["outcome"]) for each in entries]


async def test_one_proposes_another_approves_and_the_auditor_sees_both(office: OfficePeople, person: str) -> None:
    anong, boun = await office.hired("Anong", "officer", "approver"), await office.hired("Boun", "approver")
    chan = await office.hired("Chan", "auditor")
    proposed = await anong.client.post(f"/people/{person}/status", json=REVOCATION)
    assert (proposed.status_code, proposed.json()["state"]) == (202, "waiting")
    approve = f"/proposals/{proposed.json()['id']}/approve"
    assert await anong.code("POST", approve) == "forbidden"
    assert await chan.code("POST", approve) == "forbidden"
    [issued] = (await chan.client.get(f"/people/{person}/credentials")).json()["credentials"]
    assert issued["status"] == "valid"
    assert (await boun.client.post(approve)).json()["changed"] == 1
    assert await boun.code("POST", approve) == "conflict"
    [issued] = (await chan.client.get(f"/people/{person}/credentials")).json()["credentials"]
    assert issued["status"] == "revoked"
    lines = await audit(chan.client)
    assert lines.index((boun.officer_id, "revoke", "approved")) < lines.index((anong.officer_id, "revoke", "proposed"))
    assert (anong.officer_id, "request", "forbidden") in lines
    assert (await chan.client.get("/audit/verification")).json()["intact"]


async def test_the_token_is_one_pair_of_eyes(office: OfficePeople, person: str) -> None:
    proposed = await office.root.client.post(f"/people/{person}/status", json=REVOCATION)
    approve = f"/proposals/{proposed.json()['id']}/approve"
    assert await office.root.code("POST", approve) == "forbidden"
    assert await (await office.hired("Boun", "approver")).code("POST", approve) == "ok"


async def test_a_dangerous_step_needs_the_passkey_once_more(office: OfficePeople, person: str, clock: SetClock) -> None:
    boun = await office.hired("Boun", "approver")
    proposal = (await office.root.client.post(f"/people/{person}/status", json=REVOCATION)).json()
    clock.advance(LIMITS.step_up_seconds)
    for method, path, body in (
        ("POST", f"/proposals/{proposal['id']}/approve", None),
        ("POST", "/officers", {"name": "X", "roles": ["officer"]}),
        ("PATCH", f"/officers/{boun.officer_id}", {"active": False}),
        ("DELETE", f"/officers/{boun.officer_id}/passkeys", None),
    ):
        assert await boun.code(method, path, body) == "insufficient_user_authentication"
    assert await boun.code("GET", "/proposals") == "ok"
    assert (await boun.sign_in()).status_code == 200
    assert await boun.code("POST", f"/proposals/{proposal['id']}/approve") == "ok"


async def test_whom_an_approver_invites_another_admits(office: OfficePeople) -> None:
    """Or else one approver could be two people."""
    boun, chan = await office.hired("Boun", "approver"), await office.hired("Chan", "approver")
    puppet = await office.somebody()
    accepted = await puppet.accept(await boun.invite("Nobody", "officer"))
    assert (accepted.status_code, accepted.json()) == (201, {"principal": None})
    assert not puppet.client.cookies
    assert (await puppet.sign_in()).json()["code"] == "forbidden"
    [proposal] = (await chan.client.get("/proposals", params={"state": "waiting"})).json()["proposals"]
    assert (proposal["action"], proposal["record_id"]) == ("admit_officer", puppet.officer_id)
    assert await boun.code("POST", f"/proposals/{proposal['id']}/approve") == "forbidden"
    assert await chan.code("POST", f"/proposals/{proposal['id']}/approve") == "ok"
    assert (await puppet.sign_in()).status_code == 200
    assert (await puppet.client.get("/officers/me")).json()["roles"] == ["officer"]


async def test_an_invitation_counts_once_for_a_day_and_the_newest_only(office: OfficePeople, clock: SetClock) -> None:
    first, second = await office.somebody(), await office.somebody()
    invitation = await office.root.invite("Anong", "officer")
    assert (await first.accept(invitation)).status_code == 201
    assert (await second.accept(invitation)).json()["code"] == "not_found"
    path = f"/officers/{invitation['officer_id']}/invitations"
    older, newer = [(await office.root.client.post(path)).json() for _ in range(2)]
    assert (await second.accept(older)).json()["code"] == "not_found"
    clock.advance(INVITATION_SECONDS)
    assert (await second.accept(newer)).json()["code"] == "not_found"
    stolen = (await office.root.client.post(path)).json()
    second.key = first.key
    assert (await second.accept(stolen)).json()["code"] == "conflict"


async def test_who_leaves_is_out_at_once_and_roles_count_at_once(office: OfficePeople) -> None:
    anong, boun = await office.hired("Anong", "officer"), await office.hired("Boun", "approver")
    assert await anong.code("GET", "/audit") == "forbidden"
    assert await boun.code("PATCH", f"/officers/{anong.officer_id}", {"roles": ["auditor"]}) == "ok"
    assert await anong.code("GET", "/audit") == "ok"
    assert await boun.code("PATCH", f"/officers/{boun.officer_id}", {"roles": ["officer"]}) == "forbidden"
    assert await boun.code("PATCH", f"/officers/{anong.officer_id}", {"active": False}) == "ok"
    assert await anong.code("GET", "/officers/me") == "unauthenticated"
    assert (await anong.sign_in()).json()["code"] == "unauthenticated"
    assert await boun.code("POST", f"/officers/{anong.officer_id}/invitations") == "conflict"
    assert await boun.code("PATCH", f"/officers/{anong.officer_id}", {"active": True}) == "ok"
    assert (await anong.sign_in()).status_code == 200
    assert await boun.code("DELETE", f"/officers/{anong.officer_id}/passkeys") == "ok"
    assert (await anong.sign_in()).json()["code"] == "unauthenticated"
    [listed] = [each for each in (await boun.client.get("/officers")).json()["officers"] if each["name"] == "Anong"]
    assert (listed["active"], listed["passkeys"], listed["roles"]) == (True, 0, ["auditor"])


async def test_a_session_ends_by_itself_by_signing_out_and_by_the_next(office: OfficePeople, clock: SetClock) -> None:
    anong = await office.hired("Anong", "officer")
    before = dict(anong.client.cookies)
    await anong.sign_in()
    stolen = await office.somebody()
    stolen.client.cookies.update(before)
    assert await stolen.code("GET", "/officers/me") == "unauthenticated"
    stolen.client.cookies.update(dict(anong.client.cookies))
    assert await stolen.code("GET", "/officers/me") == "ok"
    assert (await anong.client.delete("/officers/session")).status_code == 204
    assert await stolen.code("GET", "/officers/me") == "unauthenticated"
    await anong.sign_in()
    clock.advance(LIMITS.idle_seconds)
    assert await anong.code("GET", "/officers/me") == "unauthenticated"


async def test_other_answers_other_sites_and_other_bodies_are_refused(office: OfficePeople, clock: SetClock) -> None:
    """A5, and each answer of a passkey once."""
    anong = await office.hired("Anong", "officer")
    options: dict[str, Any] = (await anong.client.post("/officers/sign-in/options")).json()["options"]
    answer = {"credential": anong.key.get(options)}
    assert await anong.code("POST", "/officers/sign-in", answer) == "ok"
    assert await anong.code("POST", "/officers/sign-in", answer) == "unauthenticated"
    assert (await anong.sign_in(origin="https://evil.example")).json()["code"] == "unauthenticated"
    assert (await Somebody(anong.client, (await office.somebody()).key).sign_in()).json()["code"] == "unauthenticated"
    broken_answers: list[dict[str, Any]] = [
        {},
        {"credential": {}},
        {"credential": {"id": "!", "response": 1}},
        {"credential": []},
    ]
    for broken in broken_answers:
        assert await anong.code("POST", "/officers/sign-in", broken) == "invalid_request"
    offer = {"person_id": "0" * 32, "credential_configuration_ids": ["HealthId_dc+sd-jwt"]}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://e.test"}):
        refused = await anong.client.post("/offers", json=offer, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")
    typed = {"Content-Type": "text/plain"}
    assert (await anong.client.post("/offers", content=b"{}", headers=typed)).status_code == 415
    clock.advance(301)
    assert await anong.code("POST", "/officers/sign-in", answer) == "unauthenticated"
