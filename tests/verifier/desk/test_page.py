"""The front desk's page: what it shows, in which language, and what it must never do."""

from __future__ import annotations

import base64
import html
import re
from pathlib import Path

import pytest

from tests.support.claims import sample_claims
from tests.support.issuing import COVERAGE_CLAIMS, DAY, ELSEWHERE, HERE
from tests.verifier.checks.test_images import encoded, qr_image
from tests.verifier.conftest import DESK_TOKEN, PUBLIC_URL, Desk, OpenDesk
from vc_core.credential_types.appointment_ticket import APPOINTMENT_TICKET
from vc_core.credential_types.definition import LANGUAGES, ClaimKind, CredentialType
from vc_core.credential_types.guardian_delegation import GUARDIAN_DELEGATION
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.migrant_worker_card import MIGRANT_WORKER_CARD
from vc_core.credential_types.schemes import SCHEMES
from vc_core.errors import ReasonCode
from vc_core.formats.status_list import Status
from verifier.checks.schemas import Ages, Person, ShownClaim, Verdict
from verifier.desk.page import render_page
from verifier.desk.texts import TEXTS
from verifier.settings import VerifierSettings

SETTINGS = VerifierSettings(
    public_url=PUBLIC_URL,
    database_url="sqlite+aiosqlite://",
    chain_id=1,
    did_registry="0x" + "0" * 40,
    trust_registry="0x" + "0" * 40,
    anchors="0x" + "0" * 40,
    facility_did="did:ethr:0x1:0x00",
    hospital_code="10661",
    facility_name="<b>Riverside</b>",
)


def refusal(code: ReasonCode) -> Verdict:
    """A refusal with this code."""
    ages = Ages(registry_seconds=None, trust_seconds=None, status_seconds=None)
    return Verdict(verdict="rejected", code=code, sentence="-", checked_at=0, ages=ages, credential_type=None)


async def submit(desk: Desk, text: str, language: str = "en") -> str:
    """The page that a scan brings."""
    response = await desk.client.post("/plain", data={"qr": text}, headers={"Cookie": f"language={language}"})
    assert response.status_code == 200
    return html.unescape(response.text)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_accepted_coverage_in_every_language(sqlite_desk: Desk, language: str) -> None:
    page = await submit(sqlite_desk, sqlite_desk.show(), language)
    texts = TEXTS[language]
    assert f'<html lang="{language}">' in page
    assert texts.labels["accepted"] in page
    assert texts.next_actions["OK"] in page
    for shown in ("name", "name_latin", "health_id"):
        assert str(COVERAGE_CLAIMS[shown]) in page
    assert SCHEMES["8401"].labels[language] in page
    assert ("พ.ศ. 2537" if language == "th" else "1994") in page
    assert ("31 ธันวาคม 2569" if language == "th" else "2026") in page
    assert page.count(texts.labels["no"] + "</td>") == 2
    assert "Migrant Health Fund" in page
    assert len(re.findall("|".join(code.value for code in ReasonCode), page)) == 1
    assert 'role="status"' in page


async def test_a_refusal_tells_what_to_do_and_nothing_of_the_person(sqlite_desk: Desk) -> None:
    sqlite_desk.issuer.set_status(Status.INVALID)
    page = await submit(sqlite_desk, sqlite_desk.show())
    texts = TEXTS["en"]
    assert texts.labels["rejected"] in page
    assert texts.reasons["REVOKED"] in page
    assert texts.next_actions["REVOKED"] in page
    assert 'role="alert"' in page
    assert not any(str(COVERAGE_CLAIMS[name]) in page for name in ("name", "name_latin", "health_id", "scheme"))
    assert "1994" not in page


async def test_a_health_id_shows_what_it_is(sqlite_desk: Desk) -> None:
    qr_pass = sqlite_desk.issuer.create_pass(sqlite_desk.holder, credential_type=HEALTH_ID)
    page = await submit(sqlite_desk, sqlite_desk.show(qr_pass))
    assert "Health ID" in page
    assert "<table>" not in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ReasonCode)
def test_every_refusal_in_every_language(code: ReasonCode, language: str) -> None:
    page = render_page(SETTINGS, language, refusal(code))
    assert f">{code.value}<" in page
    assert page.count(TEXTS[language].labels["age_unknown"]) == 3


def test_what_settings_and_issuers_say_is_text() -> None:
    page = render_page(SETTINGS, "en")
    assert "&lt;b&gt;Riverside&lt;/b&gt;" in page
    assert "<b>" not in page


async def test_a_name_is_text_too(sqlite_desk: Desk) -> None:
    """W7: mark-up and direction marks in a name stay in their place."""
    qr_pass = sqlite_desk.issuer.create_pass(sqlite_desk.holder, name="<img src=x onerror=alert(1)>\u202e")
    response = await sqlite_desk.client.post("/plain", data={"qr": sqlite_desk.show(qr_pass)})
    assert "<img" not in response.text
    assert "<bdi>&lt;img src=x onerror=alert(1)&gt;" in response.text


async def test_a_text_that_is_no_credential_is_not_repeated(sqlite_desk: Desk) -> None:
    """V9."""
    page = await submit(sqlite_desk, "javascript:alert(document.domain)")
    assert "javascript" not in page
    assert TEXTS["en"].reasons["NOT_A_CREDENTIAL"] in page


async def test_a_picture_is_checked_too(sqlite_desk: Desk) -> None:
    files = {"image": ("photo.jpg", encoded(qr_image(sqlite_desk.show()), "JPEG"), "image/jpeg")}
    response = await sqlite_desk.client.post("/plain", data={"qr": ""}, files=files)
    assert TEXTS["th"].labels["accepted"] in response.text


async def test_nothing_given(sqlite_desk: Desk) -> None:
    """As a browser sends the form when nothing was typed or chosen."""
    part = '--B\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n\r\n'
    chosen = '; filename=""\r\nContent-Type: application/octet-stream'
    body = part.format("qr", "") + part.format("image", chosen) + "--B--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    response = await sqlite_desk.client.post("/plain", content=body, headers=headers)
    assert response.status_code == 400
    assert TEXTS["th"].labels["nothing_given"] in response.text


async def test_a_scan_needs_no_click(sqlite_desk: Desk) -> None:
    for page in ((await sqlite_desk.client.get("/plain")).text, await submit(sqlite_desk, "x")):
        assert re.search(r'<input id="qr"[^>]* autofocus', page)
        assert "<script" not in page
        assert page.count('action="/plain"') == 1


async def test_the_language_is_remembered(sqlite_desk: Desk) -> None:
    client = sqlite_desk.client
    assert '<html lang="th">' in (await client.get("/plain")).text
    response = await client.get("/plain", params={"language": "km"})
    assert (response.status_code, response.headers["location"]) == (303, "/plain")
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert '<html lang="km">' in (await client.get("/plain")).text
    assert '<html lang="km">' in (await client.get("/plain", params={"language": "../en"})).text


async def test_an_unknown_language_in_the_cookie_is_thai(sqlite_desk: Desk) -> None:
    response = await sqlite_desk.client.get("/plain", headers={"Cookie": "language=xx"})
    assert '<html lang="th">' in response.text


async def test_headers_allow_nothing_but_the_page(sqlite_desk: Desk) -> None:
    for response in (await sqlite_desk.client.get("/plain"), await sqlite_desk.client.post("/plain", data={"qr": "x"})):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["content-security-policy"].startswith("default-src 'none';")
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert response.headers["referrer-policy"] == "same-origin"
        assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_page_of_ours_may_post(sqlite_desk: Desk) -> None:
    for headers in ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": PUBLIC_URL}):
        response = await sqlite_desk.client.post("/plain", data={"qr": "x"}, headers=headers)
        assert response.status_code == 200


async def test_forms_with_many_parts_are_refused(sqlite_desk: Desk) -> None:
    """A4."""
    files = [("image", (f"{number}.png", b"x")) for number in range(50)]
    response = await sqlite_desk.client.post("/plain", files=files)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")


async def test_the_style_sheet_and_the_icon_are_there(sqlite_desk: Desk) -> None:
    for name, kind in (("desk.css", "text/css"), ("icon.svg", "image/svg+xml")):
        response = await sqlite_desk.client.get(f"/desk/{name}")
        assert response.headers["content-type"].startswith(kind)
    assert (await sqlite_desk.client.get("/desk/..%2froutes.py")).status_code == 404


async def test_old_data_is_said_to_be_old(sqlite_desk: Desk) -> None:
    sqlite_desk.ledger.away = True
    sqlite_desk.clock.advance(DAY + 1)
    page = await submit(sqlite_desk, sqlite_desk.show())
    assert TEXTS["en"].reasons["STALE_TRUST"] in page
    assert "Registry: 1 day" in page
    assert "Status list: not checked" in page


async def test_none_of_the_three_hospitals_is_this_one(sqlite_desk: Desk) -> None:
    qr_pass = sqlite_desk.issuer.create_pass(sqlite_desk.holder, regular_hospital=ELSEWHERE)
    page = await submit(sqlite_desk, sqlite_desk.show(qr_pass))
    assert TEXTS["en"].next_actions["COVERED_ELSEWHERE"] in page
    assert ELSEWHERE not in page


@pytest.mark.postgres
async def test_production_asks_for_a_password(open_desk: OpenDesk, postgres_url: str) -> None:
    async with open_desk(postgres_url, profile="production", public_url="https://desk.test") as desk:
        wrong = ["", f"Bearer {DESK_TOKEN}", basic("desk", "wrong"), basic("admin", DESK_TOKEN), "Basic ä", "Basic"]
        for authorization in wrong:
            response = await desk.client.get("/plain", headers={b"Authorization": authorization.encode("latin-1")})
            assert response.status_code == 401
            assert response.headers["www-authenticate"].startswith("Basic realm=")
            assert "<form" not in response.text
        allowed = {"Authorization": basic("desk", DESK_TOKEN)}
        assert "<form" in (await desk.client.get("/plain", headers=allowed)).text
        assert "Secure" in (await desk.client.get("/plain?language=en", headers=allowed)).headers["set-cookie"]


def basic(user: str, password: str) -> str:
    """The header's value for HTTP Basic."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_the_template_has_no_inline_style_or_script() -> None:
    template = Path(__file__).parents[3] / "verifier" / "desk" / "templates" / "desk.html"
    assert not re.search(r"<script|<style|style=|\son[a-z]+=", template.read_text("utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("credential_type", [APPOINTMENT_TICKET, GUARDIAN_DELEGATION, MIGRANT_WORKER_CARD])
async def test_any_type_is_shown_from_its_definition(
    sqlite_desk: Desk, credential_type: CredentialType, language: str
) -> None:
    qr_pass = sqlite_desk.issuer.create_pass(sqlite_desk.holder, credential_type=credential_type)
    page = await submit(sqlite_desk, sqlite_desk.show(qr_pass), language)
    claims = sample_claims(credential_type)
    assert TEXTS[language].labels["accepted"] in page
    assert credential_type.labels[language] in page
    for claim in credential_type.qr_claims().values():
        if claim.name not in ("name", "name_latin"):
            assert claim.labels[language] in page
        if claim.kind is ClaimKind.TEXT:
            assert claim.text(claims[claim.name], language) in page
    assert ("พ.ศ. 25" in page) is (language == "th")


async def test_a_ticket_says_whether_it_is_for_this_hospital(sqlite_desk: Desk) -> None:
    for hospital, answer in ((HERE, "Yes"), (ELSEWHERE, "No")):
        qr_pass = sqlite_desk.issuer.create_pass(
            sqlite_desk.holder, credential_type=APPOINTMENT_TICKET, hospital=hospital
        )
        page = await submit(sqlite_desk, sqlite_desk.show(qr_pass))
        shown = re.search(rf"<bdi>{hospital}</bdi>(.*?)</dd>", page)
        assert shown
        assert answer in shown[1]
        sqlite_desk.clock.advance(1)


def test_a_type_without_a_person_s_number_shows_the_rest() -> None:
    ages = Ages(registry_seconds=0, trust_seconds=0, status_seconds=None)
    verdict = Verdict(
        verdict="accepted",
        code=ReasonCode.OK,
        sentence="-",
        checked_at=0,
        ages=ages,
        credential_type=APPOINTMENT_TICKET.name,
        person=Person(health_id=None, name=None, name_latin="Sandar Hlaing", birth_year=None),
        claims=[ShownClaim(name="appointment_time", label="-", value="09:30")],
    )
    page = render_page(SETTINGS, "en", verdict)
    assert "Sandar Hlaing" in page
    assert "Health number" not in page
    assert "09:30" in page
    assert TEXTS["en"].labels["trust_age"] in page
    assert TEXTS["en"].labels["status_age"] not in page  # there is no list that could have been checked
