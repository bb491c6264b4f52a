"""What the verifier is told where nothing is shown."""

from __future__ import annotations

import pytest

from tests.support.fake_verifier import COVERAGE, IDENTITY
from tests.wallet_sdk.openid4vp.conftest import VISIT_DATA, Meeting
from vc_core.errors import ProtocolError
from vc_core.protocols.dcql.query import ClaimsQuery, CredentialQuery, CredentialSetQuery, DcqlQuery
from vc_core.protocols.openid4vp.request import ResponseMode
from vc_core.protocols.openid4vp.transaction_data import VISIT, create_transaction_data
from wallet_sdk.openid4vp import flow
from wallet_sdk.openid4vp.saved import KIND, parse_saved
from wallet_sdk.openid4vp.states import Step

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
