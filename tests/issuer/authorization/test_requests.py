"""Authorization requests, pushed and through the browser: row I9 of the security design, and who is told of errors."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from sqlalchemy import Update, update

from issuer.authorization.clients import WalletClients
from issuer.authorization.models import AuthorizationRequestRow
from issuer.authorization.request_repository import AuthorizationRequestRepository
from issuer.authorization.requests import CODE_LIFETIME, PUSHED_LIFETIME, SESSION_LIFETIME
from issuer.authorization.server import authorization_rules
from issuer.issuance.models import Offer
from issuer.issuance.offers import OFFER_LIFETIME
from issuer.issuance.secrets import hash_of
from issuer.settings import IssuerSettings
from tests.issuer.authorization.browser import BACK, CLIENT, PatientsBrowser, code_in, request_fields, returned
from tests.issuer.test_offers_and_tokens import make_offer, refusal
from tests.issuer.wallet import COVERAGE, HEALTH_ID, ISSUER, OFFICER, Wallet
from tests.support.clock import SetClock
from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.authorization import ReturnAddress
from vc_core.protocols.oauth.pushed_authorization import create_pushed_reference
from vc_core.protocols.oauth.server_metadata import parse_authorization_server_metadata
from vc_core.protocols.oauth.token import parse_token_response
from vc_core.protocols.openid4vci.offer import parse_credential_offer
from vc_core.web.database import Database
from vc_core.web.settings import ProtocolProfile

TICKET = "AppointmentTicket_dc+sd-jwt"


@pytest.fixture
def pushed_only() -> bool:
    """Whether requests must be pushed; a test that wants that says so."""
    return False


@pytest.fixture
def settings(settings: IssuerSettings, pushed_only: bool) -> IssuerSettings:
    """Good settings."""
    return settings.model_copy(update={"require_pushed_requests": pushed_only})


async def test_the_metadata_says_what_there_is(client: httpx.AsyncClient) -> None:
    metadata = (await client.get("/.well-known/oauth-authorization-server")).json()
    server = parse_authorization_server_metadata(metadata, expected_issuer=ISSUER)
    assert server.require_authorization_code() == ISSUER + "/authorize"
    assert server.pushed_authorization_request_endpoint == ISSUER + "/par"
    assert COVERAGE in metadata["scopes_supported"]
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    configurations = (await client.get("/.well-known/openid-credential-issuer")).json()
    assert configurations["credential_configurations_supported"][COVERAGE]["scope"] == COVERAGE


@pytest.mark.parametrize("pushed", [True, False])
async def test_by_scope_a_wallet_gets_what_the_patient_agreed_to(
    people: dict[str, str], browser: PatientsBrowser, wallet: Wallet, pushed: bool
) -> None:
    fields = request_fields(COVERAGE, TICKET, "openid", "made-up")
    code = await browser.authorized(people["A1"], fields, pushed=pushed)
    answer = await browser.token(code)
    assert answer.headers["cache-control"] == "no-store"
    tokens = parse_token_response(answer.json())
    assert tokens.credential_identifiers is None
    assert answer.json()["scope"] == COVERAGE
    assert (await wallet.credential(tokens.access_token, COVERAGE)).status_code == 200
    assert refusal(await wallet.credential(tokens.access_token, TICKET)) == (403, "insufficient_scope")


async def test_by_details_a_wallet_gets_identifiers(people: dict[str, str], browser: PatientsBrowser) -> None:
    fields = request_fields(HEALTH_ID, details=(COVERAGE,))
    code = await browser.authorized(people["A1"], fields)
    more = await browser.token(code, details=(COVERAGE, TICKET))
    assert refusal(more) == (400, "invalid_authorization_details")
    tokens = parse_token_response((await browser.token(code)).json())
    assert tokens.credential_identifiers is not None
    assert tokens.credential_identifiers.keys() == {COVERAGE, HEALTH_ID}


async def test_an_offer_leads_to_the_page_and_is_for_whom_it_was_made(
    client: httpx.AsyncClient, people: dict[str, str], browser: PatientsBrowser, wallet: Wallet
) -> None:
    made = (await make_offer(client, people["A1"], grants=["authorization_code"])).json()
    assert "tx_code" not in made
    offer = parse_credential_offer((await client.get(made["credential_offer_uri"])).content)
    assert offer.authorization_code is not None
    assert offer.pre_authorized_code is None
    fields = request_fields(issuer_state=str(offer.authorization_code.issuer_state))
    await browser.open_pushed(fields)
    stranger = {"identifier": "1101700203450", "day": "31", "month": "12", "year": "1980"}
    assert (await browser.sign_in(await browser.office_code(people["A2"]), stranger)).status_code == 400
    code = await browser.authorized(people["A1"], fields)
    tokens = parse_token_response((await browser.token(code)).json())
    assert (await wallet.credential(tokens.access_token, COVERAGE)).status_code == 200
    assert refusal(await browser.push(fields)) == (400, "invalid_request")


async def test_an_offer_of_both_grants_is_redeemed_by_one_of_them(
    client: httpx.AsyncClient, people: dict[str, str], browser: PatientsBrowser, wallet: Wallet, clock: SetClock
) -> None:
    grants = ["authorization_code", "urn:ietf:params:oauth:grant-type:pre-authorized_code"]
    made = (await make_offer(client, people["A1"], grants=grants)).json()
    offer = parse_credential_offer((await client.get(made["credential_offer_uri"])).content)
    assert offer.authorization_code is not None
    state = str(offer.authorization_code.issuer_state)
    outside = await browser.push(request_fields(HEALTH_ID, issuer_state=state))
    assert refusal(outside) == (400, "invalid_scope")
    code = await browser.authorized(people["A1"], request_fields(issuer_state=state))
    assert (await wallet.token(str(offer.pre_authorized_code), made["tx_code"])).status_code == 200
    assert refusal(await browser.token(code)) == (400, "invalid_grant")
    clock.advance(OFFER_LIFETIME)
    assert refusal(await browser.push(request_fields(issuer_state=state))) == (400, "invalid_request")


async def test_errors_that_go_back_to_the_wallet(browser: PatientsBrowser) -> None:
    for fields, code in (
        (request_fields(COVERAGE, code_challenge=""), "invalid_request"),
        (request_fields(COVERAGE, code_challenge_method="plain"), "invalid_request"),
        (request_fields(COVERAGE, response_type="token"), "unsupported_response_type"),
        (request_fields(COVERAGE, request="eyJ"), "request_not_supported"),
        (request_fields("made-up"), "invalid_scope"),
        (request_fields(), "invalid_scope"),
        (request_fields(details=("made-up",)), "invalid_authorization_details"),
        (request_fields(COVERAGE, issuer_state="made-up"), "invalid_request"),
        (request_fields(COVERAGE, resource="https://evil.test"), "invalid_target"),
    ):
        back = returned(await browser.open(fields))
        assert (back["error"], back["state"], back["iss"]) == (code, "state-1", ISSUER)
        assert refusal(await browser.push(fields)) == (400, code)


async def test_errors_that_nobody_is_sent_away_with(browser: PatientsBrowser, client: httpx.AsyncClient) -> None:
    for fields, code in (
        ({}, "invalid_request"),
        (request_fields(COVERAGE, client_id=""), "invalid_request"),
        (request_fields(COVERAGE, client_id="stranger"), "invalid_client"),
        (request_fields(COVERAGE, redirect_uri=""), "invalid_request"),
        (request_fields(COVERAGE, redirect_uri=BACK + "/"), "invalid_request"),
        (request_fields(COVERAGE, redirect_uri="https://wallet.test.evil.test/back"), "invalid_request"),
        (create_pushed_reference("wallet", "https://wallet.test/request"), "invalid_request_uri"),
        (create_pushed_reference("wallet", "urn:ietf:params:oauth:request_uri:" + "x" * 43), "invalid_request_uri"),
    ):
        answer = await browser.open(fields)
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert f"<code>{code}</code>" in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert refusal(await browser.push(request_fields(COVERAGE, client_id="stranger"))) == (401, "invalid_client")
    near = await browser.push(request_fields(COVERAGE, redirect_uri=BACK + "?x=1"))
    assert refusal(near) == (400, "invalid_request")
    by_reference = request_fields(COVERAGE) | {"request_uri": "urn:ietf:params:oauth:request_uri:x"}
    assert refusal(await browser.push(by_reference)) == (400, "invalid_request")
    assert refusal(await client.post("/par", json=request_fields(COVERAGE))) == (400, "invalid_request")
    twice = await client.get("/authorize", params=[*request_fields(COVERAGE).items(), ("state", "other")])
    assert returned(twice)["error"] == "invalid_request"


async def test_a_pushed_request_is_opened_once_by_its_own_wallet_in_time(
    browser: PatientsBrowser, clock: SetClock
) -> None:
    pushed = (await browser.push(request_fields(COVERAGE))).json()
    assert pushed["expires_in"] == PUSHED_LIFETIME
    assert (await browser.open(create_pushed_reference("other", pushed["request_uri"]))).status_code == 400
    reference = create_pushed_reference("wallet", pushed["request_uri"])
    assert (await browser.open(reference)).status_code == 200
    assert (await browser.open(reference)).status_code == 400
    late = (await browser.push(request_fields(COVERAGE))).json()
    clock.advance(PUSHED_LIFETIME)
    assert (await browser.open(create_pushed_reference("wallet", late["request_uri"]))).status_code == 400


async def test_of_many_at_once_with_one_code_at_most_one_gets_tokens(
    people: dict[str, str], browser: PatientsBrowser
) -> None:
    code = await browser.authorized(people["A1"], request_fields(COVERAGE))
    answers = await asyncio.gather(*(browser.token(code) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19
    assert {answer.json().get("error") for answer in answers} == {None, "invalid_grant"}


async def test_a_code_used_twice_ends_what_it_brought(
    people: dict[str, str], browser: PatientsBrowser, wallet: Wallet
) -> None:
    code = await browser.authorized(people["A1"], request_fields(COVERAGE))
    tokens = parse_token_response((await browser.token(code)).json())
    assert refusal(await browser.token(code)) == (400, "invalid_grant")
    assert refusal(await wallet.credential(tokens.access_token)) == (401, "invalid_token")


async def test_a_code_is_bound_to_its_wallet_address_verifier_and_time(
    people: dict[str, str], browser: PatientsBrowser, clock: SetClock
) -> None:
    code = await browser.authorized(people["A1"], request_fields(COVERAGE))
    for changes in (
        {"client_id": "other"},
        {"client_id": None},
        {"redirect_uri": BACK + "/"},
        {"code_verifier": "w" * 43},
        {"code": code[::-1]},
    ):
        assert refusal(await browser.token(**({"code": code} | changes))) == (400, "invalid_grant")
    bound = await browser.authorized(people["A1"], request_fields(COVERAGE, dpop_jkt="k" * 43))
    assert refusal(await browser.token(bound)) == (400, "invalid_grant")
    assert (await browser.token(code)).status_code == 200
    late = await browser.authorized(people["A1"], request_fields(COVERAGE))
    clock.advance(CODE_LIFETIME)
    assert refusal(await browser.token(late)) == (400, "invalid_grant")


def test_a_code_lives_a_minute_under_haip(settings: IssuerSettings) -> None:
    haip = settings.model_copy(update={"protocol_profile": ProtocolProfile.HAIP})
    assert [authorization_rules(each).code_lifetime for each in (settings, haip)] == [CODE_LIFETIME, 60]


async def test_the_refresh_token_of_a_page_s_wallet_is_its_own(
    people: dict[str, str], browser: PatientsBrowser
) -> None:
    tokens = parse_token_response(
        (await browser.token(await browser.authorized(people["A1"], request_fields(COVERAGE)))).json()
    )
    form = {"grant_type": "refresh_token", "refresh_token": str(tokens.refresh_token)}
    for client_id in ({}, {"client_id": "other"}):
        assert refusal(await browser.client.post("/token", data=form | client_id)) == (400, "invalid_grant")
    assert (await browser.client.post("/token", data=form | {"client_id": "wallet"})).status_code == 200


async def test_whoever_has_the_same_code_waits_for_what_becomes_of_it(
    people: dict[str, str], browser: PatientsBrowser, settings: IssuerSettings, clock: SetClock
) -> None:
    code_hash = hash_of(await browser.authorized(people["A1"], request_fields(COVERAGE)))
    database, begun = Database(settings.database_url), asyncio.Event()

    async def second_use() -> int | None:
        async with database.transaction() as session:
            begun.set()
            found = await AuthorizationRequestRepository(session).load_by_code(code_hash)
        return None if found is None else found.code_used_at

    try:
        async with database.transaction() as session:
            repository = AuthorizationRequestRepository(session)
            assert await repository.load_by_code(code_hash) is not None
            assert await repository.use_code(code_hash, now=clock())
            second = asyncio.create_task(second_use())
            await asyncio.sleep(0.5)  # long enough to find the code unused, for one that does not wait
        assert await second == clock()
    finally:
        await database.close()


async def test_what_is_not_issued_any_more_is_left_out(
    client: httpx.AsyncClient, people: dict[str, str], browser: PatientsBrowser, settings: IssuerSettings
) -> None:
    made = (await make_offer(client, people["A1"], grants=["authorization_code"])).json()
    offer = parse_credential_offer((await client.get(made["credential_offer_uri"])).content)
    assert offer.authorization_code is not None
    fields = request_fields(issuer_state=str(offer.authorization_code.issuer_state))
    await _write(settings, update(Offer).values(configuration_ids=["Gone_dc+sd-jwt", COVERAGE]))
    tokens = (await browser.token(await browser.authorized(people["A1"], fields), details=(COVERAGE,))).json()
    assert [each["credential_configuration_id"] for each in tokens["authorization_details"]] == [COVERAGE]
    await _write(settings, update(Offer).values(configuration_ids=["Gone_dc+sd-jwt"], redeemed_at=None))
    assert refusal(await browser.push(fields)) == (400, "invalid_scope")
    await browser.open_pushed(request_fields(HEALTH_ID))
    await _write(settings, update(AuthorizationRequestRow).values(configuration_ids=["Gone_dc+sd-jwt", HEALTH_ID]))
    assert (await browser.sign_in(await browser.office_code(people["A1"]))).status_code == 200
    code = code_in(await browser.decide())
    assert (await browser.token(code)).status_code == 200


async def test_characters_that_no_database_keeps(
    client: httpx.AsyncClient, people: dict[str, str], browser: PatientsBrowser, wallet: Wallet
) -> None:
    for fields in (request_fields(COVERAGE, state="a\0b"), request_fields(COVERAGE, issuer_state="a\0b")):
        assert refusal(await browser.push(fields)) == (400, "invalid_request")
    back = returned(await browser.open(request_fields(COVERAGE, state="a\0b")))
    assert (back["error"], "state" in back) == ("invalid_request", False)
    pushed = (await browser.push(request_fields(COVERAGE))).json()["request_uri"]
    assert (await browser.open(create_pushed_reference("wal\0let", pushed))).status_code == 400
    token = await wallet.authorized(people["A1"])
    for path, body in (
        ("/deferred_credential", {"transaction_id": "a\0b"}),
        ("/notification", {"notification_id": "a\0b", "event": "credential_accepted"}),
    ):
        assert (await wallet.send(path, token, body)).status_code == 400
    for path in ("/people/%00/sign-in-codes", "/credential-sets/%00/approve"):
        assert (await client.post(path, headers=OFFICER)).status_code == 404
    refused = await client.post("/credential-sets/%00/refuse", json={"reason": "other"}, headers=OFFICER)
    assert refused.status_code == 404
    assert (await client.get("/credential-sets", params={"person_id": "\0"}, headers=OFFICER)).status_code == 400


async def test_a_patient_says_no(people: dict[str, str], browser: PatientsBrowser) -> None:
    for signs_in in (False, True):
        await browser.open_pushed(request_fields(COVERAGE))
        if signs_in:
            await browser.sign_in(await browser.office_code(people["A1"]))
        location = await browser.decide("deny")
        with pytest.raises(ProtocolError) as refused:
            code_in(location)
        assert refused.value.code == "access_denied"
        assert (await browser.submit("decision", {"decision": "allow"})).status_code == 400


async def test_nobody_gets_a_code_without_signing_in_or_in_too_long_a_time(
    people: dict[str, str], browser: PatientsBrowser, clock: SetClock
) -> None:
    await browser.open_pushed(request_fields(COVERAGE))
    assert (await browser.submit("decision", {"decision": "allow"})).status_code == 400
    clock.advance(SESSION_LIFETIME)
    assert (await browser.sign_in(await browser.office_code(people["A1"]))).status_code == 400


@pytest.mark.parametrize("pushed_only", [True])
async def test_where_requests_must_be_pushed_none_comes_through_the_browser(
    browser: PatientsBrowser, client: httpx.AsyncClient
) -> None:
    assert returned(await browser.open(request_fields(COVERAGE)))["error"] == "invalid_request"
    assert (await browser.open_pushed(request_fields(COVERAGE))).status_code == 200
    metadata = (await client.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["require_pushed_authorization_requests"] is True


def test_redirect_uris_are_compared_whole_but_for_a_loopback_port() -> None:
    clients = WalletClients([CLIENT], loopback=True)
    for client_id, uri in (
        ("wallet", BACK),
        ("wallet", "http://127.0.0.1:5123/back"),
        ("any", "http://127.0.0.1:5123/"),
        ("any", "http://[::1]:9/x"),
    ):
        clients.check(ReturnAddress(client_id, uri))
    for client_id, uri, code in (
        ("wallet", "http://127.0.0.1:5123/back/", "invalid_request"),
        ("wallet", "http://127.0.0.1:x/back", "invalid_request"),
        ("wallet", "https://wallet.test:443/back", "invalid_request"),
        ("wallet", "http://127.0.0.1:1@evil.test/back", "invalid_request"),
        ("any", "http://localhost:5123/", "invalid_client"),
        ("any", "http://127.0.0.1.evil.test/", "invalid_client"),
        ("any", "https://127.0.0.1/", "invalid_client"),
        ("any", "app:/back", "invalid_client"),
    ):
        with pytest.raises(ProtocolError) as refused:
            clients.check(ReturnAddress(client_id, uri))
        assert refused.value.code == code
    with pytest.raises(ProtocolError):
        WalletClients([], loopback=False).check(ReturnAddress("any", "http://127.0.0.1/"))


async def _write(settings: IssuerSettings, statement: Update) -> None:
    database = Database(settings.database_url)
    async with database.transaction() as session:
        await session.exec(statement)
    await database.close()
