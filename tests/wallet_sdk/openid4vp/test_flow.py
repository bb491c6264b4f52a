"""A wallet and a verifier through a whole presentation: each name of a verifier, each format, each way to answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from secrets import token_bytes

import httpx
import pytest

from tests.support.fake_verifier import COVERAGE, HOST, IDENTITY
from tests.wallet_sdk.fakes import CLAIMS
from tests.wallet_sdk.openid4vp.conftest import VISIT_DATA, Meeting, hold
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.crypto.jose import parse_jws
from vc_core.crypto.keys import P256Signer
from vc_core.dcql_candidates import read_presented
from vc_core.errors import Conflict, InvalidRequest
from vc_core.formats.concealment import Path as ClaimPath
from vc_core.formats.concealment import create_sd_jwt
from vc_core.protocols.dcql.answer import verify_answer
from vc_core.protocols.dcql.query import ClaimsQuery, CredentialQuery, CredentialSetQuery, DcqlQuery
from vc_core.protocols.openid4vp.client_id import ClientIdPrefix
from vc_core.protocols.openid4vp.request import ResponseMode
from vc_core.protocols.openid4vp.transaction_data import VISIT, create_transaction_data
from wallet_sdk.openid4vp import flow
from wallet_sdk.openid4vp.choice import Choice
from wallet_sdk.openid4vp.consent import Permission
from wallet_sdk.openid4vp.saved import KIND, create_saved
from wallet_sdk.openid4vp.states import Step

PREFIXES = tuple(ClientIdPrefix)


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
    assert meeting.saved(session).step is Step.CONSENT_ASKED


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
    assert meeting.saved(session).step is Step.CONSENT_ASKED
    session, consent = flow.ask(meeting.wallet, session, **meeting.context, choice=choice)
    assert flow.give_consent(meeting.wallet, session, consent.choice, **meeting.context).step is Step.CONSENTED


async def test_consent_is_to_the_transactions_that_were_shown(meeting: Meeting) -> None:
    agreed = [create_transaction_data(VISIT, ["identity"], VISIT_DATA | {"visit_id": each}) for each in ("1", "2")]
    meeting.verifier.changes = {"transaction_data": (agreed[0],)}
    session, consent = await meeting.ask()
    meeting.verifier.changes = {"transaction_data": (agreed[1],)}
    other = replace(meeting.saved(session), request=meeting.verifier.request_object())
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
