"""That a consent lists everything a verifier would see, whatever the credential looks like."""

from __future__ import annotations

from secrets import token_bytes
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.keys import RepeatableSigner
from tests.support.verification import NOW
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.dcql_candidates import read_candidate
from vc_core.encoding import compact_json
from vc_core.formats.concealment import create_sd_jwt
from vc_core.formats.credential import CredentialFormat
from vc_core.ledger.registry_state import RegistryState
from vc_core.protocols.dcql.query import ClaimsQuery, CredentialQuery, DcqlQuery
from vc_core.protocols.dcql.selection import select_credentials
from vc_core.protocols.openid4vp.client_id import ClientId, ClientIdPrefix
from vc_core.protocols.openid4vp.client_metadata import ClientMetadata
from vc_core.protocols.openid4vp.request import AuthorizationRequest, ResponseMode
from vc_core.trust import RegistryTrust
from vc_core.verifier_trust import VerifiedRequest, unverified_verifier
from wallet_sdk.content import CredentialCopy, HeldCredential
from wallet_sdk.openid4vp.choice import default_choice
from wallet_sdk.openid4vp.consent import CredentialConsent, create_consent

KEY = RepeatableSigner.from_bytes(bytes([9]) * 32)
TRUST = RegistryTrust(RegistryState(), chain_id=1, synced_at=NOW)
NAMES = st.sampled_from(["id", "name", "status", "address", "birth_date", "iss_of_something"])
VALUES = st.one_of(st.text(max_size=5), st.integers(0, 9), st.dictionaries(NAMES, st.integers(0, 9), max_size=2))


def _held(text: str, format: CredentialFormat, vct: str) -> HeldCredential:
    copy = CredentialCopy(text, bytes([9]) * 32, NOW, NOW + 1000)
    return HeldCredential("held", format, vct, (copy,), "https://issuer.test", "Issuer", {})


def _consent(held: HeldCredential, asked: tuple[ClaimsQuery, ...]) -> CredentialConsent:
    query = DcqlQuery((CredentialQuery("q", held.format, claims=asked),))
    name = ClientId(ClientIdPrefix.REDIRECT_URI, "https://desk.test/responses")
    request = AuthorizationRequest(
        name, ResponseMode.DIRECT_POST, "nonce", query, ClientMetadata(), response_uri=name.name
    )
    selection = select_credentials(query, [read_candidate(held.credential, id="held")])
    verified = VerifiedRequest(request, unverified_verifier(request))
    consent = create_consent(verified, selection, default_choice(selection), {"held": held}, trust=TRUST, now=NOW)
    return consent.credentials[0]


@given(st.dictionaries(NAMES.filter(lambda name: name != "status"), VALUES, min_size=1), st.data())
def test_an_sd_jwt_s_claims_are_seen_or_withheld_and_none_is_forgotten(
    claims: dict[str, Any], data: st.DataObject
) -> None:
    hidden = data.draw(st.sets(st.sampled_from(sorted(claims))))
    asked = data.draw(st.sets(st.sampled_from(sorted(claims))))
    payload = {"iss": "https://issuer.test", "vct": "https://issuer.test/type", **claims}
    text = create_sd_jwt(
        {"typ": "dc+sd-jwt"}, payload, hidden=[(name,) for name in hidden], signer=KEY, randomness=token_bytes
    )
    shown = _consent(_held(text, CredentialFormat.SD_JWT, "t"), tuple(ClaimsQuery((name,)) for name in sorted(asked)))
    seen = {each.name: each.value for each in shown.seen}
    assert seen == {name: value for name, value in claims.items() if name not in hidden or name in asked}
    assert set(shown.withheld) == claims.keys() - seen.keys()
    assert {each.name for each in shown.seen if each.asked} == asked


@pytest.mark.parametrize(
    ("subject", "seen"),
    [
        ({"id": "did:key:z", "name": "A", "status": "single"}, {"name", "status", "credential.evidence"}),
        ([{"name": "A"}, {"name": "B"}], {"credentialSubject", "evidence"}),
    ],
)
def test_all_of_a_w3c_document_is_seen(subject: object, seen: set[str]) -> None:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "Other"],
        "issuer": "did:web:issuer.test",
        "credentialSubject": subject,
        "evidence": {"type": "Passport"},
        "proof": {},
    }
    shown = _consent(_held(compact_json(document).decode(), CredentialFormat.LDP_VC, HEALTH_ID.vct), ())
    assert {each.name for each in shown.seen} == seen
    assert (shown.can_withhold, shown.withheld) == (False, ())
