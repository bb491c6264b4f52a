"""Hostile requests (security.md, "Wallet"): each with its code, nothing sent, and nobody told who should not be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.support.certificates import certify
from tests.support.fake_verifier import HOSPITAL_NAME, HOST, IDENTITY, FakeVerifier
from tests.wallet_sdk.openid4vp.conftest import Meeting, hold
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import P256Signer
from vc_core.did.jwk import create_did_jwk
from vc_core.encoding import base64url_encode, compact_json
from vc_core.errors import FetchBlocked, FetchFailed, ProtocolError, ServiceRefused
from vc_core.http import HttpClient
from vc_core.ledger.events import AttributeChanged
from vc_core.protocols.dcql.query import ClaimsQuery, CredentialQuery, DcqlQuery
from vc_core.protocols.openid4vp.client_id import ClientId, ClientIdPrefix
from vc_core.protocols.openid4vp.request import (
    RequestByReference,
    ResponseMode,
    create_authorization_request_link,
)
from vc_core.protocols.openid4vp.request_object import MEDIA_TYPE
from wallet_sdk.openid4vp import flow
from wallet_sdk.openid4vp.consent import Permission
from wallet_sdk.openid4vp.saved import KIND, parse_saved
from wallet_sdk.openid4vp.states import Step
from wallet_sdk.openid4vp.wording import who_asks

INSIDE = [
    "http://127.0.0.1/r",
    "https://127.0.0.1/r",
    "https://169.254.169.254/r",
    "https://10.0.0.7/r",
    "https://[::1]/r",
]


async def _refused(meeting: Meeting, code: str, link: str | None = None) -> None:
    """The request is refused with that code; nothing went to where an answer would go, and nothing will."""
    with pytest.raises(ProtocolError) as refused:
        await meeting.ask(link)
    assert refused.value.code == code
    (saved,) = map(parse_saved, meeting.wallet.sessions(KIND))
    assert (saved.step, saved.error, saved.outgoing) == (Step.FAILED, code, None)
    await flow.tell(meeting.wallet, meeting.http, saved.id)
    assert meeting.verifier.received == []


# W1, W2: addresses.


def test_w1_nothing_is_fetched_before_the_holder_agrees(meeting: Meeting) -> None:
    for method in ("get", "post"):
        meeting.begin(meeting.verifier.link(method=method))
    assert meeting.world.requests == []


@pytest.mark.parametrize("address", INSIDE)
async def test_w2_a_request_uri_inside_is_never_asked(meeting: Meeting, address: str) -> None:
    for method in ("get", "post"):
        reference = RequestByReference(meeting.verifier.client_id, address, "post" if method == "post" else "get")
        session = meeting.begin(create_authorization_request_link(reference))
        http = HttpClient()
        try:
            with pytest.raises(FetchBlocked):
                await flow.fetch(meeting.wallet, http, session)
        finally:
            await http.close()


@pytest.mark.parametrize("address", INSIDE)
async def test_w2_a_response_uri_inside_is_never_asked(meeting: Meeting, address: str) -> None:
    meeting.verifier.changes = {"response_uri": address}
    session, consent = await meeting.ask()
    agreed = flow.give_consent(meeting.wallet, session, consent.choice, **meeting.context)
    http = HttpClient()
    try:
        with pytest.raises(FetchBlocked):
            await flow.send(meeting.wallet, http, agreed)
    finally:
        await http.close()
    assert flow.under_way(meeting.wallet) == ()


# W3: who asks.


async def test_w3_a_signature_by_another_key(meeting: Meeting) -> None:
    meeting.verifier.key = P256Signer.generate()
    await _refused(meeting, "invalid_request_object")


async def test_w3_a_did_that_the_registry_does_not_know(meeting: Meeting) -> None:
    meeting.world.further_events = ()
    await _refused(meeting, "invalid_client")


async def test_w3_another_client_than_the_link_says(meeting: Meeting) -> None:
    reference = RequestByReference(
        ClientId(ClientIdPrefix.DECENTRALIZED_IDENTIFIER, "did:ethr:0x1ca3:0x" + "11" * 20),
        f"https://{HOST}/requests/1",
    )
    await _refused(meeting, "invalid_request", create_authorization_request_link(reference))


@pytest.mark.parametrize("prefix", [ClientIdPrefix.X509_HASH, ClientIdPrefix.X509_SAN_DNS])
async def test_w3_a_certificate_that_leads_to_no_anchor(meeting: Meeting, prefix: ClientIdPrefix) -> None:
    meeting.name_by(prefix)
    meeting.verifier.authority = certify("Another Ministry")
    await _refused(meeting, "invalid_client")


async def test_w3_a_did_that_anybody_can_make_has_no_name(meeting: Meeting) -> None:
    class MadeUp(FakeVerifier):
        @property
        def client_id(self) -> ClientId:
            return ClientId(ClientIdPrefix.DECENTRALIZED_IDENTIFIER, create_did_jwk(self.key.public_key))

        @property
        def key_header(self) -> dict[str, Any]:
            return {"kid": self.client_id.name + "#0"}

    meeting.verifier = MadeUp(meeting.world.clock)
    meeting.world.answers.update(meeting.verifier.routes())
    _, consent = await meeting.ask()
    assert (consent.verifier.name, consent.verifier.did) == (None, None)
    assert consent.credentials[0].permission is Permission.UNKNOWN
    for language in ("th", "en", "my", "lo", "km"):
        words = who_asks(consent.verifier, consent.response_host, language)
        assert HOST in words
        assert HOSPITAL_NAME not in words


async def test_w3_an_unsigned_request_has_no_name_whatever_it_says(meeting: Meeting) -> None:
    meeting.verifier.prefix = ClientIdPrefix.REDIRECT_URI
    link = meeting.verifier.link() + "&client_name=Ranong+Hospital"
    _, consent = await meeting.ask(link)
    assert consent.verifier.name is None
    assert consent.response_host == HOST


async def test_w3_a_request_that_must_be_signed_and_is_not(meeting: Meeting) -> None:
    link = create_authorization_request_link(meeting.verifier.request)
    with pytest.raises(ProtocolError) as refused:
        meeting.begin(link)
    assert refused.value.code == "invalid_request"
    assert meeting.wallet.sessions(KIND) == ()


@pytest.mark.parametrize("algorithm", ["none", "nOnE", "HS256"])
async def test_j1_an_unsigned_request_object(meeting: Meeting, algorithm: str) -> None:
    _, payload, signature = meeting.verifier.request_object().split(".")
    header = base64url_encode(compact_json({"alg": algorithm, "typ": "oauth-authz-req+jwt"}))
    answer = httpx.Response(200, text=f"{header}.{payload}.{signature}", headers={"Content-Type": MEDIA_TYPE})
    meeting.world.answers[f"GET {HOST}/requests/1"] = lambda request: answer
    await _refused(meeting, "invalid_request_object")


@pytest.mark.parametrize("changed", [{"aud": "https://another.test"}, {"exp": 1}, {"iat": 2**40}, {"exp": "tomorrow"}])
async def test_a_request_for_others_or_another_time(meeting: Meeting, changed: dict[str, Any]) -> None:
    meeting.verifier.bent = changed
    await _refused(meeting, "invalid_request_object")


async def test_the_wallet_s_nonce_must_come_back(meeting: Meeting) -> None:
    meeting.verifier.bent = {"wallet_nonce": "of another wallet"}
    await _refused(meeting, "invalid_request_object", meeting.verifier.link(method="post"))


# W5: what is missing, and where the answer would go.


@pytest.mark.parametrize("nonce", [None, "", "with space", 7, "x" * 600])
async def test_w5_no_nonce_that_can_be_used(meeting: Meeting, nonce: object) -> None:
    meeting.verifier.bent = {"nonce": nonce}
    await _refused(meeting, "invalid_request")


@pytest.mark.parametrize("address", [None, "http://desk.hospital.test/", "javascript:alert(1)", "//x", "https://a@b/"])
async def test_w5_no_address_that_an_answer_can_go_to(meeting: Meeting, address: object) -> None:
    meeting.verifier.bent = {"response_uri": address}
    await _refused(meeting, "invalid_request")


async def test_w5_the_answer_would_go_to_another_host_than_the_certificate_s(meeting: Meeting) -> None:
    meeting.name_by(ClientIdPrefix.X509_SAN_DNS)
    meeting.verifier.changes = {"response_uri": "https://desk.hospital.test.elsewhere.test/"}
    await _refused(meeting, "invalid_request")


def test_w5_the_answer_would_go_elsewhere_than_the_name_says(meeting: Meeting) -> None:
    meeting.verifier.prefix = ClientIdPrefix.REDIRECT_URI
    meeting.verifier.changes = {"response_uri": "https://elsewhere.test/"}
    with pytest.raises(ProtocolError):
        meeting.begin()


async def test_w5_a_key_that_no_answer_can_be_encrypted_to(meeting: Meeting) -> None:
    meeting.verifier.response_mode = ResponseMode.DIRECT_POST_JWT
    meeting.verifier.bent = {"client_metadata": {"vp_formats_supported": {}, "jwks": {"keys": []}}}
    await _refused(meeting, "invalid_request")


# W6: redirects, and answers that are none.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 400, 404, 500])
async def test_w6_only_a_success_at_the_request_uri_is_a_request(meeting: Meeting, status: int) -> None:
    meeting.world.answers[f"GET {HOST}/requests/1"] = lambda request: httpx.Response(
        status, headers={"Location": "https://elsewhere.test/"}
    )
    with pytest.raises(ServiceRefused) as refused:
        await meeting.ask()
    assert refused.value.refusal == "invalid_request_uri"
    assert meeting.asked_hosts == [HOST]
    assert flow.under_way(meeting.wallet) == ()


@pytest.mark.parametrize("media_type", ["text/html", "application/json", "", "application/oauth-authz-req+jwtx"])
async def test_what_is_no_request_object_is_not_read(meeting: Meeting, media_type: str) -> None:
    text = meeting.verifier.request_object()
    meeting.world.answers[f"GET {HOST}/requests/1"] = lambda request: httpx.Response(
        200, content=text, headers={"Content-Type": media_type}
    )
    with pytest.raises(FetchFailed):
        await meeting.ask()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_w6_a_redirect_of_the_answer_is_not_followed(meeting: Meeting, status: int) -> None:
    meeting.verifier.answers = [lambda: httpx.Response(status, headers={"Location": "https://elsewhere.test/"})]
    with pytest.raises(ServiceRefused) as refused:
        await meeting.present()
    assert refused.value.refusal == "server_error"
    assert set(meeting.asked_hosts) == {HOST}
    assert flow.under_way(meeting.wallet) == ()


# W7: names and values that would do something to a screen.


@pytest.mark.parametrize("name", ["\u202eevil", "\x1b[2J", "x" * 10_000, " "])
async def test_w7_a_registered_name_that_can_t_be_shown_is_not(meeting: Meeting, name: str) -> None:
    meeting.world.further_events = tuple(
        replace(each, value=name.encode().hex())
        if isinstance(each, AttributeChanged) and each.name == "sabai/name"
        else each
        for each in meeting.world.further_events
    )
    _, consent = await meeting.ask()
    assert consent.verifier.name is None


# W10: asking for more than needed, or allowed.


async def test_w10_each_claim_is_listed_with_what_the_registry_says_of_it(meeting: Meeting) -> None:
    meeting.let_ask({HEALTH_ID.vct: ("health_id", "name")})
    _, consent = await meeting.ask()
    (shown,) = consent.credentials
    assert [(each.name, each.asked, each.permitted) for each in shown.seen] == [
        ("health_id", False, True),
        ("name", True, True),
        ("birth_date", True, False),
    ]
    assert shown.withheld == (
        "name_latin",
        "birth_year",
        "nationality",
        "identifier_system",
        "identifier_value",
    )
    assert (shown.permission, consent.asks_too_much) == (Permission.NOT_PERMITTED, True)


async def test_w10_a_type_that_they_may_not_ask_for_at_all(meeting: Meeting) -> None:
    meeting.let_ask({INSURANCE_COVERAGE.vct: None})
    _, consent = await meeting.ask()
    assert consent.asks_too_much
    assert not any(each.permitted for each in consent.credentials[0].seen)


async def test_w10_within_what_is_allowed_nothing_is_flagged(meeting: Meeting) -> None:
    meeting.let_ask({HEALTH_ID.vct: ("health_id", "name", "birth_date")})
    _, consent = await meeting.ask()
    assert (consent.credentials[0].permission, consent.asks_too_much) == (Permission.PERMITTED, False)


async def test_w10_a_format_that_withholds_nothing_shows_everything_and_says_so(meeting: Meeting) -> None:
    asked = CredentialQuery("a", "jwt_vc_json", claims=(ClaimsQuery(("credentialSubject", "name")),))
    meeting.verifier.query = DcqlQuery((asked,))
    _, consent = await meeting.ask()
    (shown,) = consent.credentials
    assert (shown.can_withhold, shown.withheld) == (False, ())
    assert {each.name for each in shown.seen if each.asked} == {"name"}
    assert len(shown.seen) == 8


# What a verifier could learn, or get, beside what the holder agreed to.


def _all_of_one(meeting: Meeting) -> list[CredentialQuery]:
    bare = replace(IDENTITY, format="ldp_vc", vct_values=(), claims=(), require_cryptographic_holder_binding=False)
    return [bare, replace(bare, format="jwt_vc_json")]


async def test_a_credential_is_never_shown_without_its_holder_s_proof(meeting: Meeting) -> None:
    for asked in _all_of_one(meeting):
        meeting.verifier.query = DcqlQuery((asked,))
        with pytest.raises(ProtocolError) as refused:
            await meeting.ask(meeting.verifier.link() + f"&of={asked.format}")
        assert refused.value.code == "access_denied"
    meeting.verifier.query = DcqlQuery((replace(IDENTITY, require_cryptographic_holder_binding=False),))
    await meeting.present()
    await meeting.verified()


async def test_an_expired_credential_is_not_there(meeting: Meeting) -> None:
    meeting.world.clock.now += 366 * 86_400
    with pytest.raises(ProtocolError) as refused:
        await meeting.ask()
    assert refused.value.code == "access_denied"


@pytest.mark.parametrize(
    "formats",
    [
        {"ldp_vc": {}},
        {"dc+sd-jwt": {"sd-jwt_alg_values": ["EdDSA"]}},
        {"dc+sd-jwt": {"kb-jwt_alg_values": ["ES384"]}},
    ],
)
async def test_what_the_verifier_can_t_read_is_not_there(meeting: Meeting, formats: dict[str, Any]) -> None:
    meeting.verifier.bent = {"client_metadata": {"vp_formats_supported": formats}}
    with pytest.raises(ProtocolError) as refused:
        await meeting.ask()
    assert refused.value.code == "access_denied"


@pytest.mark.parametrize(
    "formats", [{"dc+sd-jwt": {"sd-jwt_alg_values": ["ESP256"], "kb-jwt_alg_values": ["ESP256"]}}, {}]
)
async def test_fully_specified_algorithms_and_no_limits_are_understood(
    meeting: Meeting, formats: dict[str, Any]
) -> None:
    meeting.verifier.bent = {"client_metadata": {"vp_formats_supported": formats}}
    await meeting.present()
    await meeting.verified()


async def test_linked_data_for_a_verifier_with_other_suites_is_not_there(meeting: Meeting) -> None:
    meeting.verifier.query = DcqlQuery((CredentialQuery("a", "ldp_vc"),))
    limits = {"ldp_vc": {"proof_type_values": ["DataIntegrityProof"], "cryptosuite_values": ["bbs-2023"]}}
    meeting.verifier.bent = {"client_metadata": {"vp_formats_supported": limits}}
    with pytest.raises(ProtocolError) as refused:
        await meeting.ask()
    assert refused.value.code == "access_denied"


async def test_two_desks_that_compare_see_two_keys(meeting: Meeting) -> None:
    meeting.wallet.delete_credential("HealthId_dc+sd-jwt")
    meeting.wallet.add_credential(hold(meeting.world, "HealthId_dc+sd-jwt", copies=2))
    seen = []
    for nonce in ("first", "second"):
        meeting.verifier.changes = {"nonce": nonce}
        await meeting.present(meeting.verifier.link() + f"&{nonce}=1")
        ((presentation,),) = (await meeting.verified()).values()
        seen.append(presentation.credential.holder_key)
    assert seen[0] != seen[1]
