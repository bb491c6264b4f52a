"""Officers with passkeys: invitations, sessions, roles, four eyes, and what attackers of these try."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from issuer.audit.service import SELDOM_SECONDS
from issuer.officers.repository import OfficerRepository
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


async def test_who_is_let_in_is_let_in_with_the_roles_that_were_approved(office: OfficePeople) -> None:
    boun, chan = await office.hired("Boun", "approver"), await office.hired("Chan", "approver")
    clerk = await office.somebody()
    await clerk.accept(await boun.invite("Clerk", "officer", "auditor"))
    proposal = await chan.waiting(clerk.officer_id)
    assert proposal["parameters"]["roles"] == ["auditor", "officer"]
    assert await boun.code("PATCH", f"/officers/{clerk.officer_id}", {"roles": ["officer"]}) == "ok"
    assert await chan.approves(proposal) == "conflict"
    assert (await clerk.sign_in()).json()["code"] == "forbidden"
    wanted = {"record_id": clerk.officer_id, "action": "admit_officer"}
    [proposed] = (await office.root.client.get("/audit", params=wanted)).json()["entries"]
    assert (proposed["outcome"], proposed["detail"]) == ("proposed", "auditor officer")


async def test_who_is_to_do_more_waits_for_another_approver(office: OfficePeople) -> None:
    """Or else one approver could make a clerk the other pair of eyes."""
    boun, chan = await office.hired("Boun", "approver"), await office.hired("Chan", "approver")
    clerk = await office.hired("Clerk", "officer")
    path, wider = f"/officers/{clerk.officer_id}", {"roles": ["officer", "approver"]}
    proposed = await boun.client.patch(path, json=wider)
    assert (proposed.status_code, proposed.json()["state"]) == (202, "waiting")
    assert proposed.json()["parameters"]["roles"] == ["approver", "officer"]
    assert (await clerk.client.get("/officers/me")).json()["roles"] == ["officer"]
    assert await boun.approves(proposed.json()) == "forbidden"
    assert await boun.code("PATCH", path, wider) == "conflict"
    assert await chan.code("PATCH", path, {"active": False}) == "ok"
    assert await chan.approves(proposed.json()) == "conflict"
    assert await boun.code("PATCH", path, wider) == "ok"
    back = (await boun.client.patch(path, json={"active": True})).json()
    assert back["parameters"]["roles"] == ["approver", "officer"]
    assert await chan.approves(back) == "ok"
    await clerk.sign_in()
    assert (await clerk.client.get("/officers/me")).json()["roles"] == ["approver", "officer"]


@pytest.mark.parametrize("change", [{"active": False}, {"roles": ["officer"]}, None], ids=["leaves", "less", "lost"])
async def test_an_invitation_ends_with_who_made_it(office: OfficePeople, change: dict[str, Any] | None) -> None:
    boun, guest = await office.hired("Boun", "officer", "approver"), await office.somebody()
    invitation = await boun.invite("Guest", "officer")
    path = f"/officers/{boun.officer_id}"
    removed = office.root.code("DELETE", path + "/passkeys") if change is None else None
    assert await (removed or office.root.code("PATCH", path, change)) == "ok"
    assert (await guest.accept(invitation)).json()["code"] == "not_found"


async def test_a_device_whose_passkey_was_rejected_may_make_another(office: OfficePeople) -> None:
    boun, chan = await office.hired("Boun", "approver"), await office.hired("Chan", "approver")
    guest = await office.somebody()
    await guest.accept(await boun.invite("Guest", "officer"))
    proposal = await chan.waiting(guest.officer_id)
    assert await chan.code("POST", f"/proposals/{proposal['id']}/reject", {"note": "Who?"}) == "ok"
    again = (await boun.client.post(f"/officers/{guest.officer_id}/invitations")).json()
    code = {"code": again["link"].partition("#invitation=")[2]}
    opened = (await guest.client.post("/officers/invitations/open", json=code)).json()
    assert opened["options"].get("excludeCredentials", []) == []


async def test_a_session_that_ends_while_it_is_used_is_over(
    office: OfficePeople, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    anong, load = await office.hired("Anong", "officer"), OfficerRepository.load_session

    async def load_and_lose(self: OfficerRepository, secret_hash: str) -> object:
        found = await load(self, secret_hash)
        await (await self._session.connection()).execute(text("DELETE FROM officer_sessions"))
        return found

    clock.advance(LIMITS.step_up_seconds)
    monkeypatch.setattr(OfficerRepository, "load_session", load_and_lose)
    assert await anong.code("GET", "/officers/me") == "unauthenticated"


async def test_an_invitation_counts_once_for_a_day_and_the_newest_only(office: OfficePeople, clock: SetClock) -> None:
    first, second = await office.somebody(), await office.somebody()
    invitation = await office.root.invite("Anong", "officer")
    assert (await first.accept(invitation)).status_code == 201
    for _ in range(2):
        assert (await second.accept(invitation)).json()["code"] == "not_found"
    assert (await audit(office.root.client)).count(("nobody", "use_invitation", "not_found")) == 1
    path = f"/officers/{invitation['officer_id']}/invitations"
    older, newer = [(await office.root.client.post(path)).json() for _ in range(2)]
    assert (await second.accept(older)).json()["code"] == "not_found"
    clock.advance(INVITATION_SECONDS)
    assert (await second.accept(newer)).json()["code"] == "not_found"
    stolen = (await office.root.client.post(path)).json()
    second.key = first.key
    assert (await second.accept(stolen)).json()["code"] == "conflict"


async def test_who_leaves_is_out_at_once_and_roles_count_at_once(office: OfficePeople) -> None:
    anong, boun = await office.hired("Anong", "auditor", "officer"), await office.hired("Boun", "approver")
    assert await anong.code("GET", "/people") == "ok"
    assert await boun.code("PATCH", f"/officers/{anong.officer_id}", {"roles": ["auditor"]}) == "ok"
    assert await anong.code("POST", "/offers", {}) == "forbidden"
    assert await boun.code("PATCH", f"/officers/{boun.officer_id}", {"roles": ["officer"]}) == "forbidden"
    assert await boun.code("PATCH", f"/officers/{anong.officer_id}", {"active": False}) == "ok"
    assert await anong.code("GET", "/officers/me") == "unauthenticated"
    assert (await anong.sign_in()).json()["code"] == "unauthenticated"
    assert await boun.code("POST", f"/officers/{anong.officer_id}/invitations") == "conflict"
    back = await boun.client.patch(f"/officers/{anong.officer_id}", json={"active": True})
    assert back.status_code == 202
    assert (await anong.sign_in()).json()["code"] == "unauthenticated"
    assert await office.root.approves(back.json()) == "ok"
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
    refused_line = ("nobody", "sign_in", "unauthenticated")
    assert (await audit(office.root.client)).count(refused_line) == 1
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
    clock.advance(SELDOM_SECONDS)
    assert (await anong.sign_in(origin="https://evil.example")).json()["code"] == "unauthenticated"
    assert (await audit(office.root.client)).count(refused_line) == 2
