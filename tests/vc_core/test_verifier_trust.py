"""Who asks: names only for those whose signature leads to somebody known, and what the registry lets them ask."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography import x509

from tests.support.certificates import certify
from tests.support.requests import (
    DID_CLIENT,
    HOSPITAL_DID,
    HOSPITAL_METHOD,
    HOST,
    CertifiedVerifier,
    VerifierTrust,
    create_request,
    sign_request,
)
from tests.support.verification import NOW, STRANGER
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.jose import sign_jws
from vc_core.crypto.keys import Signer
from vc_core.crypto.x509 import CertificateChain, key_header
from vc_core.did.jwk import create_did_jwk
from vc_core.did.key import did_key_method
from vc_core.encoding import base64url_encode, compact_json
from vc_core.errors import ProtocolError, ReasonCode, Rejection
from vc_core.ledger.events import allowed_claims_hash
from vc_core.protocols.openid4vp.client_id import ClientId, ClientIdPrefix
from vc_core.protocols.openid4vp.request import ResponseMode, create_authorization_request
from vc_core.protocols.openid4vp.request_object import parse_request_object
from vc_core.verifier_trust import (
    VerifiedRequest,
    Verifier,
    check_may_ask,
    unverified_verifier,
    verify_request_object,
)

ORIGIN = f"https://{HOST}"
DC_API: dict[str, Any] = {"response_mode": ResponseMode.DC_API, "response_uri": None, "state": None}


def verify(text: str, **changes: Any) -> VerifiedRequest:
    """The verification of a request object, with a registry that knows the hospital."""
    parsed = parse_request_object(text)
    arguments: dict[str, Any] = {
        "expected_client_id": str(parsed.request.client_id),
        "trust": VerifierTrust(),
        "now": NOW,
    }
    return verify_request_object(parsed, **(arguments | changes))


def refusal(text: str, **changes: Any) -> str:
    """The code with which a request object is refused; nobody's name is in the error."""
    with pytest.raises(ProtocolError) as refused:
        verify(text, **changes)
    assert "Riverside" not in str(refused.value)
    assert HOST not in str(refused.value)
    return refused.value.code


def signed_payload(payload: Mapping[str, Any], header: Mapping[str, Any], signer: Signer) -> str:
    """A JWT with this payload, as another implementation might make it."""
    return sign_jws({"typ": "oauth-authz-req+jwt", **header}, payload, signer)


def test_a_hospital_of_the_registry_is_shown_by_its_name_there() -> None:
    verified = verify(sign_request())
    assert verified.verifier == Verifier(str(DID_CLIENT), "Riverside Hospital", HOSPITAL_DID)
    assert verified.request == create_request()


def test_one_that_registered_no_name_has_none() -> None:
    assert verify(sign_request(), trust=VerifierTrust(names={})).verifier.name is None


def test_a_certificate_bears_out_a_host_or_an_organisation() -> None:
    certified = CertifiedVerifier.create()
    anchors = [certified.authority.certificate]
    for client, name in ((certified.by_host, HOST), (certified.by_hash, "Riverside Hospital")):
        text = sign_request(create_request(client_id=client), certified.header, certified.leaf.signer)
        assert verify(text, anchors=anchors).verifier == Verifier(str(client), name)


def test_a_did_that_anybody_can_make_up_has_no_name() -> None:
    for method in (did_key_method(STRANGER.public_key), create_did_jwk(STRANGER.public_key) + "#0"):
        client = ClientId(ClientIdPrefix.DECENTRALIZED_IDENTIFIER, method.partition("#")[0])
        text = sign_request(create_request(client_id=client), {"kid": method}, STRANGER)
        assert verify(text).verifier == Verifier(str(client))


def test_an_unsigned_request_is_from_anybody() -> None:
    client = ClientId(ClientIdPrefix.REDIRECT_URI, f"https://{HOST}/responses/1")
    assert unverified_verifier(create_request(client_id=client)) == Verifier(str(client))


def test_another_client_than_the_link_said() -> None:
    assert refusal(sign_request(), expected_client_id="x509_san_dns:desk.riverside.example") == "invalid_request"


def test_the_wallets_nonce_must_come_back() -> None:
    """W5, J9 of a recorded request."""
    assert verify(sign_request(wallet_nonce="abc"), expected_wallet_nonce="abc")
    for given in (None, "abd"):
        assert refusal(sign_request(wallet_nonce=given), expected_wallet_nonce="abc") == "invalid_request_object"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": None},
        {"aud": "https://desk.riverside.example"},
        {"aud": ["https://self-issued.me/v2"]},
        {"iat": NOW + 61},
        {"nbf": NOW + 61},
        {"exp": NOW},
        {"exp": "2030"},
        {"iat": -1},
        {"iat": True},
    ],
)
def test_times_and_audience(changes: dict[str, Any]) -> None:
    payload = {"aud": "https://self-issued.me/v2", **create_authorization_request(create_request())} | changes
    certified = CertifiedVerifier.create()
    text = signed_payload(
        {name: value for name, value in payload.items() if value is not None},
        {"kid": HOSPITAL_METHOD},
        certified.leaf.signer,
    )
    assert refusal(text) == "invalid_request_object"


def test_a_signature_by_another_key_or_over_something_else() -> None:
    """W3."""
    assert refusal(sign_request(signer=STRANGER)) == "invalid_request_object"
    header, _, signature = sign_request().split(".")
    payload = {"aud": "https://self-issued.me/v2", **create_authorization_request(create_request(nonce="other"))}
    forged = ".".join([header, base64url_encode(compact_json(payload)), signature])
    assert refusal(forged) == "invalid_request_object"


@pytest.mark.parametrize("alg", ["none", "nOnE", "HS256", "ES384", None])
def test_algorithms_that_are_refused_before_any_key_is_looked_up(alg: str | None) -> None:
    """J1, J2."""
    _, payload, signature = sign_request().split(".")
    header = {"typ": "oauth-authz-req+jwt", "kid": HOSPITAL_METHOD} | ({} if alg is None else {"alg": alg})
    for last in (signature, ""):
        assert refusal_of_form(".".join([base64url_encode(compact_json(header)), payload, last]))


@pytest.mark.parametrize("typ", ["JWT", "kb+jwt", "dc+sd-jwt", "openid4vci-proof+jwt", "statuslist+jwt", "dpop+jwt"])
def test_another_kind_of_jwt_is_no_request(typ: str) -> None:
    """J9."""
    payload = {"aud": "https://self-issued.me/v2", **create_authorization_request(create_request())}
    assert refusal_of_form(sign_jws({"typ": typ, "kid": HOSPITAL_METHOD}, payload, STRANGER))
    assert refusal_of_form(sign_jws({"kid": HOSPITAL_METHOD}, payload, STRANGER))


def test_a_request_object_that_refers_to_another() -> None:
    payload = {**create_authorization_request(create_request()), "request_uri": "https://desk.example/1"}
    assert refusal_of_form(signed_payload(payload, {"kid": HOSPITAL_METHOD}, STRANGER))


def refusal_of_form(text: str) -> bool:
    """Whether this is refused as no request object at all."""
    with pytest.raises(ProtocolError) as refused:
        parse_request_object(text)
    return refused.value.code == "invalid_request_object"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({}, "invalid_request_object"),
        ({"kid": "delegate-1"}, "invalid_request_object"),
        ({"kid": "did:ethr:0x539:0x" + "3" * 40 + "#delegate-1"}, "invalid_request_object"),
        ({"kid": HOSPITAL_DID + "#delegate-9"}, "invalid_client"),
        ({"kid": HOSPITAL_METHOD, "jwk": STRANGER.public_key.to_jwk()}, "invalid_request_object"),
        ({"kid": HOSPITAL_METHOD, "x5c": []}, "invalid_request_object"),
    ],
)
def test_headers_that_do_not_name_a_key_of_the_client(header: dict[str, Any], code: str) -> None:
    assert refusal(sign_request(header=header)) == code


def test_a_made_up_did_of_the_registry_is_nobody() -> None:
    """W3."""
    did = "did:ethr:0x539:0x" + "9" * 40
    client = ClientId(ClientIdPrefix.DECENTRALIZED_IDENTIFIER, did)
    text = sign_request(create_request(client_id=client), {"kid": did + "#delegate-1"}, STRANGER)
    assert refusal(text) == "invalid_client"


def test_a_key_did_with_another_fragment_is_refused() -> None:
    for did in (
        create_did_jwk(STRANGER.public_key),
        did_key_method(STRANGER.public_key).partition("#")[0],
        "did:jwk:x",
    ):
        client = ClientId(ClientIdPrefix.DECENTRALIZED_IDENTIFIER, did)
        text = sign_request(create_request(client_id=client), {"kid": did + "#1"}, STRANGER)
        assert refusal(text) == "invalid_client"


def test_an_old_registry_tells_nobodys_name() -> None:
    assert refusal(sign_request(), trust=VerifierTrust(synced_at=NOW - 24 * 3600 - 1)) == "invalid_client"


def test_certificates_that_lead_to_nobody() -> None:
    """S7 of requests."""
    certified, others = CertifiedVerifier.create(), CertifiedVerifier.create()
    own = certify("Riverside Hospital", ca=None, usage="digital_signature", names=[x509.DNSName(HOST)])
    own_header = key_header(CertificateChain("https://unused.example", (own.der,)))
    request = create_request(client_id=certified.by_host)
    for header, signer in ((certified.header, certified.leaf.signer), (own_header, own.signer)):
        assert (
            refusal(sign_request(request, header, signer), anchors=[others.authority.certificate]) == "invalid_client"
        )
    assert refusal(sign_request(request, certified.header, certified.leaf.signer)) == "invalid_client"
    text = sign_request(request, {"x5c": "MIIB"}, certified.leaf.signer)
    assert refusal(text, anchors=[certified.authority.certificate]) == "invalid_client"


def test_an_expired_certificate() -> None:
    certified = CertifiedVerifier.create()
    begins = datetime.datetime.fromtimestamp(NOW, datetime.UTC) - datetime.timedelta(days=10)
    usages: dict[str, Any] = {"ca": None, "usage": "digital_signature", "names": [x509.DNSName(HOST)]}
    leaf = certify("Riverside Hospital", certified.authority, begins=begins, days=9, **usages)
    header = key_header(CertificateChain("https://unused.example", (leaf.der,)))
    text = sign_request(create_request(client_id=certified.by_host), header, leaf.signer)
    assert refusal(text, anchors=[certified.authority.certificate]) == "invalid_client"


def test_a_certificate_of_another_client() -> None:
    certified = CertifiedVerifier.create(host="elsewhere.example")
    anchors = [certified.authority.certificate]
    for client in (certified.by_host, ClientId(ClientIdPrefix.X509_HASH, "A" * 43)):
        text = sign_request(create_request(client_id=client), certified.header, certified.leaf.signer)
        assert refusal(text, anchors=anchors) == "invalid_request"


def test_a_name_that_would_disturb_a_display_is_not_shown() -> None:
    """W7."""
    for subject in ("Riverside\u202eHospital", "Riverside\x07"):
        certified = CertifiedVerifier.create(subject=subject)
        text = sign_request(create_request(client_id=certified.by_hash), certified.header, certified.leaf.signer)
        assert verify(text, anchors=[certified.authority.certificate]).verifier.name is None


def test_an_answer_to_another_host_than_the_certificates() -> None:
    certified = CertifiedVerifier.create()
    for uri in ("https://elsewhere.example/", f"https://{HOST}.elsewhere.example/", f"https://a.{HOST}/"):
        request = create_request(client_id=certified.by_host, response_uri=uri)
        text = sign_request(request, certified.header, certified.leaf.signer)
        assert refusal(text, anchors=[certified.authority.certificate]) == "invalid_request"


def test_a_request_through_the_browser_is_for_its_own_pages() -> None:
    text = sign_request(create_request(expected_origins=(ORIGIN,), **DC_API))
    assert verify(text, expected_client_id=None, expected_origin=ORIGIN).verifier.name == "Riverside Hospital"
    for origin in ("https://elsewhere.example", ORIGIN + ".elsewhere.example", None):
        assert refusal(text, expected_client_id=None, expected_origin=origin) == "invalid_request"
    assert refusal(sign_request(), expected_client_id=None, expected_origin=ORIGIN) == "invalid_request"


def may_ask(limit: bytes | None, *claims: str) -> bool:
    """Whether a hospital with this accreditation may ask for these claims of a coverage."""
    trust = VerifierTrust(may_ask={(HOSPITAL_DID, INSURANCE_COVERAGE.vct): limit})
    try:
        check_may_ask(trust, HOSPITAL_DID, {INSURANCE_COVERAGE.vct: claims}, at=NOW)
    except Rejection:
        return False
    return True


def test_what_a_hospital_may_ask() -> None:
    always = INSURANCE_COVERAGE.always_shown()
    assert may_ask(None, "name", "scheme")
    limit = allowed_claims_hash([*always, "birth_year"])
    assert may_ask(limit, "birth_year")
    assert may_ask(limit)
    assert not may_ask(limit, "name")
    assert not may_ask(allowed_claims_hash(["birth_year"]), "birth_year")
    assert not may_ask(bytes(range(32)), "birth_year")


def test_a_hospital_without_the_accreditation_may_ask_nothing() -> None:
    with pytest.raises(Rejection) as refused:
        check_may_ask(VerifierTrust(), HOSPITAL_DID, {INSURANCE_COVERAGE.vct: ["scheme"]}, at=NOW)
    assert refused.value.code is ReasonCode.UNTRUSTED_ISSUER
