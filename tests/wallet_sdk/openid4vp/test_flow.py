"""A wallet and a verifier through a whole presentation: each name of a verifier, each format, each way to answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from secrets import token_bytes

import httpx
import pytest

from tests.support.fake_verifier import COVERAGE, HOST, IDENTITY
from tests.wallet_sdk.fakes import CLAIMS
from tests.wallet_sdk.openid4vp.conftest import Meeting, hold
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.crypto.jose import parse_jws
from vc_core.crypto.keys import P256Signer
from vc_core.dcql_candidates import read_presented
from vc_core.errors import Conflict, FetchFailed, InvalidRequest, ProtocolError, ServiceRefused
from vc_core.formats.concealment import Path as ClaimPath
from vc_core.formats.concealment import create_sd_jwt
from vc_core.http import HttpClient
from vc_core.protocols.dcql.answer import verify_answer
from vc_core.protocols.dcql.query import ClaimsQuery, CredentialQuery, CredentialSetQuery, DcqlQuery
from vc_core.protocols.openid4vp.client_id import ClientIdPrefix
from vc_core.protocols.openid4vp.request import ResponseMode
from vc_core.protocols.openid4vp.request_object import MEDIA_TYPE
from vc_core.protocols.openid4vp.transaction_data import VISIT, create_transaction_data
from wallet_sdk.openid4vp import flow
from wallet_sdk.openid4vp.choice import Choice
from wallet_sdk.openid4vp.consent import Permission
from wallet_sdk.openid4vp.saved import KIND, create_saved, parse_saved
from wallet_sdk.openid4vp.states import PresentationSession, Step

PREFIXES = tuple(ClientIdPrefix)
VISIT_DATA = {"hospital": "11230", "visit_id": "690701-42", "visit_date": "2026-07-01", "service": "ตรวจรักษา"}


def _saved(meeting: Meeting, session: PresentationSession) -> PresentationSession:
    return next(each for each in map(parse_saved, meeting.wallet.sessions(KIND)) if each.id == session.id)


@pytest.mark.parametrize("mode", [ResponseMode.DIRECT_POST, ResponseMode.DIRECT_POST_JWT])
@pytest.mark.parametrize("prefix", PREFIXES)
async def test_a_presentation_by_each_name_of_a_verifier(
    meeting: Meeting, prefix: ClientIdPrefix, mode: ResponseMode
) -> None:
    meeting.name_by(prefix)
    meeting.verifier.response_mode = mode
    session = await meeting.present()
    assert session.step is Step.DONE
    ((presentation,),) = (await meeting.verified()).values()
    claims = presentation.credential.claims
    assert claims["name"] == "မောင်မောင်"
    assert claims["birth_date"] == "1991-04-13"
    assert claims.keys() == {"name", "birth_date"} | HEALTH_ID.always_shown()
    answered = {name: [read_presented(each) for each in texts] for name, texts in meeting.verifier.presented.items()}
    verify_answer(meeting.verifier.query, answered)


@pytest.mark.parametrize("format", ["ldp_vc", "jwt_vc_json"])
async def test_a_presentation_in_each_w3c_format(meeting: Meeting, format: str) -> None:
    asked = CredentialQuery(
        "identity",
        format,
        type_values=(("https://sabai.invalid/vocab#HealthId",),),
        claims=(ClaimsQuery(("credentialSubject", "name")),),
    )
    meeting.verifier.query = DcqlQuery((asked,))
    await meeting.present()
    ((presentation,),) = (await meeting.verified()).values()
    assert presentation.credential.vct == HEALTH_ID.vct
    answered = {"identity": [read_presented(each) for each in meeting.verifier.presented["identity"]]}
    verify_answer(meeting.verifier.query, answered)


async def test_the_request_comes_by_post_with_the_wallet_s_nonce(meeting: Meeting) -> None:
    session = await meeting.present(meeting.verifier.link(method="post"))
    assert session.step is Step.DONE
    assert meeting.verifier.wallet_nonces == [session.wallet_nonce]
    assert f"POST {HOST}/requests/1" in meeting.world.paths


async def test_the_request_comes_in_the_link(meeting: Meeting) -> None:
    await meeting.present(meeting.verifier.link(by_value=True))
    assert meeting.world.paths == [f"POST {HOST}/responses/1"]


async def test_an_https_link_opens_the_wallet_and_is_not_asked(meeting: Meeting) -> None:
    link = meeting.verifier.link().replace("openid4vp://", "https://wallet.test/present")
    await meeting.present(link)
    assert set(meeting.asked_hosts) == {HOST}


async def test_two_credentials_are_shown_by_keys_of_their_own(meeting: Meeting) -> None:
    meeting.verifier.query = DcqlQuery((IDENTITY, COVERAGE))
    await meeting.present()
    verified = await meeting.verified(hospital_code="11230")
    keys = {each.credential.holder_key for presentations in verified.values() for each in presentations}
    assert verified.keys() == {"identity", "coverage"}
    assert len(keys) == 2


async def test_the_holder_signs_what_they_agree_to(meeting: Meeting) -> None:
    transaction = create_transaction_data(VISIT, ["coverage", "identity"], VISIT_DATA)
    meeting.verifier.query = DcqlQuery(
        (IDENTITY, COVERAGE),
        (CredentialSetQuery((("identity",),)), CredentialSetQuery((("coverage",),), required=False)),
    )
    meeting.verifier.changes = {"transaction_data": (transaction,)}
    _, consent = await meeting.ask()
    assert consent.transactions == (transaction,)
    await meeting.present()
    (text,) = meeting.verifier.presented["identity"]
    proof = parse_jws(text.rpartition("~")[2], typ="kb+jwt").payload
    assert proof["transaction_data_hashes"] == [transaction.sha_256]
    assert proof["transaction_data_hashes_alg"] == "sha-256"
    await meeting.verified(transaction_data_hashes=frozenset({transaction.sha_256}))


async def test_the_verifier_says_where_to_go_on(meeting: Meeting) -> None:
    address = f"https://{HOST}/done#response_code=abc"
    meeting.verifier.answers = [lambda: httpx.Response(200, json={"redirect_uri": address})]
    session = await meeting.present()
    assert (session.step, session.redirect_uri) == (Step.SENT, address)
    assert set(meeting.asked_hosts) == {HOST}
    assert flow.under_way(meeting.wallet) == (session,)
    assert flow.go_on(meeting.wallet, session).step is Step.DONE
    assert flow.under_way(meeting.wallet) == ()


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://10.0.0.1/", 7, "file:///etc/passwd", "x" * 9000])
async def test_an_address_that_no_browser_should_go_to_is_none(meeting: Meeting, address: object) -> None:
    meeting.verifier.answers = [lambda: httpx.Response(200, json={"redirect_uri": address})]
    session = await meeting.present()
    assert (session.step, session.redirect_uri) == (Step.DONE, None)


# What the holder chooses.


async def test_the_holder_chooses_another_credential(meeting: Meeting) -> None:
    older = hold(meeting.world, "HealthId_dc+sd-jwt", id="older", issued_at=meeting.now - 100)
    meeting.wallet.add_credential(older)
    _, consent = await meeting.ask()
    (shown,) = consent.credentials
    assert shown.credential.id == "HealthId_dc+sd-jwt"
    assert [each.id for each in shown.others] == ["older"]
    await meeting.present(choice=Choice({"identity": ("older",)}))
    ((presentation,),) = (await meeting.verified()).values()
    assert presentation.credential.issued_at == meeting.now - 100


async def test_an_optional_credential_is_shown_only_where_the_holder_wants(meeting: Meeting) -> None:
    meeting.verifier.query = DcqlQuery(
        (IDENTITY, COVERAGE),
        (CredentialSetQuery((("identity",),)), CredentialSetQuery((("coverage",),), required=False)),
    )
    _, consent = await meeting.ask()
    assert consent.choice.credentials.keys() == {"identity"}
    assert consent.optional == (("coverage",),)
    both = {"identity": ("HealthId_dc+sd-jwt",), "coverage": ("InsuranceCoverage_dc+sd-jwt",)}
    await meeting.present(choice=Choice(both))
    assert (await meeting.verified()).keys() == both.keys()


@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"identity": ()},
        {"identity": ("InsuranceCoverage_dc+sd-jwt",)},
        {"identity": ("HealthId_ldp_vc",)},
        {"identity": ("HealthId_dc+sd-jwt", "HealthId_dc+sd-jwt")},
        {"identity": ("HealthId_dc+sd-jwt",), "other": ("InsuranceCoverage_dc+sd-jwt",)},
    ],
)
async def test_a_choice_that_is_no_answer_is_not_sent(
    meeting: Meeting, credentials: dict[str, tuple[str, ...]]
) -> None:
    session, _ = await meeting.ask()
    with pytest.raises(InvalidRequest):
        flow.give_consent(meeting.wallet, session, Choice(credentials), **meeting.context)
    assert meeting.verifier.received == []
    assert _saved(meeting, session).step is Step.CONSENT_ASKED


# What goes out is what the holder was asked about.

_OLDER = Choice({"identity": ("older",)})


def _choose_what_was_not_shown(meeting: Meeting, asked: Choice) -> Choice:
    return _OLDER


def _top_up(meeting: Meeting, asked: Choice) -> Choice:
    claims = {**CLAIMS[HEALTH_ID.vct], "name": "Someone Else"}
    fresh = hold(meeting.world, "HealthId_dc+sd-jwt", copies=2, claims=claims)
    meeting.wallet.add_copies("HealthId_dc+sd-jwt", fresh.copies, claims=claims)
    return asked


def _forget_what_was_shown(meeting: Meeting, asked: Choice) -> Choice:
    """As a version of the program left it that did not keep what was shown."""
    (saved,) = meeting.wallet.sessions(KIND)
    state = {name: value for name, value in saved.state.items() if name != "shown_digest"}
    meeting.wallet.save_session(replace(saved, state=state))
    return asked


@pytest.mark.parametrize("change", [_choose_what_was_not_shown, _top_up, _forget_what_was_shown])
async def test_consent_is_to_what_was_shown_and_nothing_else(
    meeting: Meeting, change: Callable[[Meeting, Choice], Choice]
) -> None:
    meeting.wallet.add_credential(hold(meeting.world, "HealthId_dc+sd-jwt", id="older", issued_at=meeting.now - 100))
    session, consent = await meeting.ask()
    choice = change(meeting, consent.choice)
    with pytest.raises(Conflict):
        flow.give_consent(meeting.wallet, session, choice, **meeting.context)
    assert _saved(meeting, session).step is Step.CONSENT_ASKED
    session, consent = flow.ask(meeting.wallet, session, **meeting.context, choice=choice)
    assert flow.give_consent(meeting.wallet, session, consent.choice, **meeting.context).step is Step.CONSENTED


async def test_consent_is_to_the_transactions_that_were_shown(meeting: Meeting) -> None:
    agreed = [create_transaction_data(VISIT, ["identity"], VISIT_DATA | {"visit_id": each}) for each in ("1", "2")]
    meeting.verifier.changes = {"transaction_data": (agreed[0],)}
    session, consent = await meeting.ask()
    meeting.verifier.changes = {"transaction_data": (agreed[1],)}
    other = replace(_saved(meeting, session), request=meeting.verifier.request_object())
    meeting.wallet.save_session(create_saved(other))
    with pytest.raises(Conflict):
        flow.give_consent(meeting.wallet, session, consent.choice, **meeting.context)


# Copies.


async def test_a_copy_is_used_once_and_the_holder_is_told_how_many_are_left(meeting: Meeting) -> None:
    meeting.wallet.delete_credential("HealthId_dc+sd-jwt")
    meeting.wallet.add_credential(hold(meeting.world, "HealthId_dc+sd-jwt", copies=3))
    keys, left = [], []
    for turn in range(4):
        meeting.verifier.changes = {"nonce": f"nonce-{turn}"}
        session, consent = await meeting.ask(meeting.verifier.link() + f"&turn={turn}")
        left.append(consent.credentials[0].unused_copies)
        await flow.send(
            meeting.wallet,
            meeting.http,
            flow.give_consent(meeting.wallet, session, consent.choice, **meeting.context),
        )
        ((presentation,),) = (await meeting.verified()).values()
        keys.append(presentation.credential.holder_key)
        meeting.world.clock.now += 10
    assert left == [2, 1, 0, 0]
    assert len(set(keys[:3])) == 3
    assert keys[3] == keys[0]


# What goes wrong on the way.


async def test_the_same_answer_goes_out_again_until_it_arrives(meeting: Meeting) -> None:
    def away() -> httpx.Response:
        raise httpx.ConnectError("away")

    meeting.verifier.answers = [away, lambda: httpx.Response(503), lambda: httpx.Response(200, json={})]
    session, consent = await meeting.ask()
    agreed = flow.give_consent(meeting.wallet, session, consent.choice, **meeting.context)
    with pytest.raises(FetchFailed):
        await flow.send(meeting.wallet, meeting.http, agreed)
    (resumed,) = flow.under_way(meeting.wallet)
    assert resumed == agreed
    with pytest.raises(ServiceRefused):
        await flow.send(meeting.wallet, meeting.http, resumed)
    assert meeting.begin() == agreed  # the same link goes on where it was
    assert (await flow.send(meeting.wallet, meeting.http, agreed)).step is Step.DONE
    assert len(meeting.verifier.received) == 3
    assert meeting.verifier.received[0] == meeting.verifier.received[2]


async def test_consent_is_given_once(meeting: Meeting) -> None:
    session, consent = await meeting.ask()
    agreed = flow.give_consent(meeting.wallet, session, consent.choice, **meeting.context)
    for again in (agreed, await flow.send(meeting.wallet, meeting.http, agreed)):
        with pytest.raises(Conflict):
            flow.give_consent(meeting.wallet, again, consent.choice, **meeting.context)
    with pytest.raises(Conflict):
        await flow.send(meeting.wallet, meeting.http, session)
    assert len(meeting.verifier.received) == 1


async def test_a_button_pressed_twice_does_nothing_the_second_time(meeting: Meeting) -> None:
    asked, consent = await meeting.ask()
    agreed = flow.give_consent(meeting.wallet, asked, consent.choice, **meeting.context)
    for again in (flow.ask, flow.decline):
        with pytest.raises(Conflict):
            again(meeting.wallet, asked, **meeting.context)
    with pytest.raises(Conflict):
        flow.give_consent(meeting.wallet, asked, consent.choice, **meeting.context)
    with pytest.raises(Conflict):
        flow.drop(meeting.wallet, asked)
    assert flow.under_way(meeting.wallet) == (agreed,)
    await flow.send(meeting.wallet, meeting.http, agreed)
    with pytest.raises(Conflict):
        await flow.send(meeting.wallet, meeting.http, agreed)
    assert len(meeting.verifier.received) == 1


async def test_an_answered_request_is_not_answered_again(meeting: Meeting) -> None:
    await meeting.present()
    with pytest.raises(ProtocolError) as refused:
        await meeting.ask()
    assert refused.value.code == "invalid_request"
    assert len(meeting.verifier.received) == 1
    meeting.world.clock.now += flow.REMEMBERED_SECONDS
    await meeting.present()


async def test_the_verifier_does_not_take_it(meeting: Meeting) -> None:
    meeting.verifier.answers = [lambda: httpx.Response(400, json={"error": "invalid_request"})]
    with pytest.raises(ServiceRefused) as refused:
        await meeting.present()
    assert refused.value.refusal == "invalid_request"
    assert flow.under_way(meeting.wallet) == ()


async def test_a_request_that_expires_while_the_holder_thinks(meeting: Meeting) -> None:
    session, consent = await meeting.ask()
    meeting.world.clock.now += 300
    with pytest.raises(ProtocolError) as refused:
        flow.give_consent(meeting.wallet, session, consent.choice, **meeting.context)
    assert refused.value.code == "invalid_request_object"
    assert meeting.verifier.received == []


# What happens while the wallet waits for an answer.


@pytest.mark.parametrize("status", [200, 404])
async def test_a_no_while_the_request_is_fetched_stays_a_no(meeting: Meeting, status: int) -> None:
    session = meeting.begin()

    def decline_first(request: httpx.Request) -> httpx.Response:
        flow.drop(meeting.wallet, session)
        body = meeting.verifier.request_object()
        return httpx.Response(status, content=body, headers={"Content-Type": MEDIA_TYPE})

    meeting.world.answers[f"GET {HOST}/requests/1"] = decline_first
    with pytest.raises(Conflict):
        await flow.fetch(meeting.wallet, meeting.http, session)
    assert _saved(meeting, session).step is Step.REFUSED


@pytest.mark.parametrize("late", [200, 400, 503])
async def test_the_first_end_of_sending_twice_stands(meeting: Meeting, late: int) -> None:
    session, consent = await meeting.ask()
    agreed = flow.give_consent(meeting.wallet, session, consent.choice, **meeting.context)
    first: list[PresentationSession] = []

    async def send_meanwhile(request: httpx.Request) -> httpx.Response:
        if first:
            return httpx.Response(200, json={})
        first.append(agreed)
        first.append(await flow.send(meeting.wallet, meeting.http, agreed))
        return httpx.Response(late, json={"error": "invalid_request"})

    http = HttpClient(transport=httpx.MockTransport(send_meanwhile))
    after = await flow.send(meeting.wallet, http, agreed)
    assert after == first[1] == _saved(meeting, session)
    assert after.step is Step.DONE


# What the verifier is told where nothing is shown.


async def test_a_no_is_told_to_the_verifier(meeting: Meeting) -> None:
    session, _ = await meeting.ask()
    refused = flow.decline(meeting.wallet, session, **meeting.context)
    assert meeting.verifier.received == []
    told = await flow.tell(meeting.wallet, meeting.http, refused.id)
    assert (told.step, meeting.verifier.error) == (Step.REFUSED, "access_denied")
    assert meeting.verifier.response.state == meeting.verifier.request.state
    await flow.tell(meeting.wallet, meeting.http, refused.id)
    assert len(meeting.verifier.received) == 1


async def test_a_no_before_anything_was_fetched_is_told_to_nobody(meeting: Meeting) -> None:
    refused = flow.decline(meeting.wallet, meeting.begin(), **meeting.context)
    await flow.tell(meeting.wallet, meeting.http, refused.id)
    assert meeting.world.requests == []


def _lacking(meeting: Meeting) -> None:
    meeting.wallet.delete_credential("HealthId_dc+sd-jwt")


def _another_value(meeting: Meeting) -> None:
    asked = CredentialQuery("identity", "dc+sd-jwt", claims=(ClaimsQuery(("birth_year",), values=(1990,)),))
    meeting.verifier.query = DcqlQuery((asked,))


def _only_mdoc(meeting: Meeting) -> None:
    meeting.verifier.query = DcqlQuery((CredentialQuery("a", "mso_mdoc"),))


def _by_another_format(meeting: Meeting) -> None:
    asked = CredentialQuery("a", "ldp_vc", type_values=(("HealthId",),))
    transaction = create_transaction_data(VISIT, ["a"], VISIT_DATA)
    meeting.verifier.query = DcqlQuery((asked,))
    meeting.verifier.changes = {"transaction_data": (transaction,)}


def _by_none_that_is_shown(meeting: Meeting) -> None:
    meeting.verifier.query = DcqlQuery((IDENTITY, COVERAGE), (CredentialSetQuery((("identity",), ("coverage",))),))
    meeting.verifier.changes = {"transaction_data": (create_transaction_data(VISIT, ["coverage"], VISIT_DATA),)}


@pytest.mark.parametrize("mode", [ResponseMode.DIRECT_POST, ResponseMode.DIRECT_POST_JWT])
@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_lacking, "access_denied"),
        (_another_value, "access_denied"),
        (_only_mdoc, "vp_formats_not_supported"),
        (_by_another_format, "invalid_transaction_data"),
        (_by_none_that_is_shown, "invalid_transaction_data"),
    ],
)
async def test_why_nothing_can_be_shown(meeting: Meeting, spoil: object, code: str, mode: ResponseMode) -> None:
    assert callable(spoil)
    spoil(meeting)
    meeting.verifier.response_mode = mode
    with pytest.raises(ProtocolError) as refused:
        await meeting.ask()
    assert refused.value.code == code
    assert meeting.verifier.received == []
    (saved,) = map(parse_saved, meeting.wallet.sessions(KIND))
    assert saved.step is Step.FAILED
    await flow.tell(meeting.wallet, meeting.http, saved.id)
    assert meeting.verifier.error == code


@pytest.mark.parametrize(
    ("parameter", "value", "code"),
    [
        ("transaction_data", ["e30"], "invalid_transaction_data"),
        ("dcql_query", {"credentials": []}, "invalid_request"),
        ("response_type", "code", "unsupported_response_type"),
        ("scope", "openid", "invalid_request"),
        ("client_metadata", [], "invalid_request"),
        ("response_mode", "fragment", "invalid_request"),
        ("redirect_uri", "https://elsewhere.test/", "invalid_request"),
    ],
)
async def test_a_signed_request_for_what_can_t_be_is_answered_with_the_code(
    meeting: Meeting, parameter: str, value: object, code: str
) -> None:
    meeting.verifier.bent = {parameter: value}
    with pytest.raises(ProtocolError) as refused:
        await meeting.ask()
    assert refused.value.code == code
    (saved,) = map(parse_saved, meeting.wallet.sessions(KIND))
    await flow.tell(meeting.wallet, meeting.http, saved.id)
    if parameter in ("transaction_data", "dcql_query", "response_type", "scope"):
        assert meeting.verifier.error == code
    else:
        assert meeting.verifier.received == []  # where the answer should go is not certain


# What piles up, and what comes from elsewhere.


def test_links_that_are_never_answered_do_not_pile_up(meeting: Meeting) -> None:
    for turn in range(60):
        meeting.begin(meeting.verifier.link() + f"&turn={turn}")
    under_way = flow.under_way(meeting.wallet)
    assert len(under_way) == 50
    assert under_way[-1].link.endswith("&turn=59")


async def test_a_type_that_the_wallet_does_not_know_is_shown_like_any_other(meeting: Meeting) -> None:
    key = P256Signer.generate()
    payload = {
        "iss": "https://school.test",
        "vct": "https://school.test/diploma",
        "cnf": {"jwk": key.public_key.to_jwk()},
        "degrees": [{"type": "BSc", "year": 2019}, {"type": "MSc", "year": 2021}],
        "student": "7",
    }
    hidden: list[ClaimPath] = [("student",), ("degrees", None, "year")]
    text = create_sd_jwt({"typ": "dc+sd-jwt"}, payload, hidden=hidden, signer=key, randomness=token_bytes)
    known = hold(meeting.world, "HealthId_dc+sd-jwt")
    copy = replace(known.copies[0], credential=text, holder_key=key.to_bytes())
    meeting.wallet.add_credential(replace(known, id="diploma", vct=str(payload["vct"]), copies=(copy,)))
    asked = ClaimsQuery(("degrees", None, "type"), values=("MSc",)), ClaimsQuery(("degrees", 1, "year"))
    meeting.verifier.query = DcqlQuery((CredentialQuery("diploma", "dc+sd-jwt", (str(payload["vct"]),), claims=asked),))

    _, consent = await meeting.ask()
    (shown,) = consent.credentials
    assert [(each.name, each.value) for each in shown.seen] == [
        ("degrees", [{"type": "BSc"}, {"type": "MSc", "year": 2021}])
    ]
    assert (shown.withheld, shown.permission) == (("degrees", "student"), Permission.UNKNOWN)
    await meeting.present()
    (presented,) = meeting.verifier.presented["diploma"]
    assert read_presented(presented).claims["degrees"] == shown.seen[0].value
    assert parse_jws(presented.rpartition("~")[2], typ="kb+jwt").verify(key.public_key)
