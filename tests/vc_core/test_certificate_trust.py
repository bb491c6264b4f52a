"""Issuers that certificates name, through the whole procedure: who is trusted for what, and who is not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from cryptography import x509

from tests.support.certificates import ISSUER_URL, Authority, certify, certify_issuer, chain_of
from tests.support.verification import (
    AUDIENCE,
    HOLDER,
    ISSUER,
    ISSUER_DID,
    ISSUER_METHOD,
    NONCE,
    NOW,
    STRANGER,
    FakeTrust,
    issue_coverage,
    present,
    verify,
)
from vc_core.certificate_trust import AnchoredTrust, TrustAnchor
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.jose import parse_jws, sign_jws
from vc_core.crypto.x509 import CertificateChain, key_header
from vc_core.encoding import base64url_encode
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import StatusReference
from vc_core.formats.status_list import Status, StatusList, create_status_list_token
from vc_core.http import HttpClient
from vc_core.ledger.events import Role
from vc_core.status import StatusLists
from vc_core.wallet_providers import WALLET_ATTESTATION, provider_key_at

ANCHOR = certify("Anchor")
AUTHORITY = certify("Authority", ANCHOR)
LEAF = certify_issuer(AUTHORITY)
CHAIN = chain_of(LEAF, AUTHORITY)
OTHER = certify_issuer(AUTHORITY, names=[x509.DNSName("other.office.example")])
COVERAGE = frozenset({INSURANCE_COVERAGE.vct})
WALLETS = frozenset({WALLET_ATTESTATION})
DOMAINS = frozenset({"office.example"})


def _anchored(*anchors: TrustAnchor) -> Any:
    return AnchoredTrust(FakeTrust(), anchors or (TrustAnchor(ANCHOR.certificate, DOMAINS, COVERAGE),))


def _issued(chain: CertificateChain = CHAIN, leaf: Authority = LEAF) -> str:
    return issue_coverage(verification_method=chain, signer=leaf.signer)


async def _refusal(presented: str, trust: Any = None) -> ReasonCode:
    with pytest.raises(Rejection) as refusal:
        await verify(presented, trust=trust or _anchored())
    assert "example" not in refusal.value.message
    return refusal.value.code


async def test_credential_of_an_anchored_issuer_is_accepted() -> None:
    issued = _issued()
    jws = parse_jws(issued.partition("~")[0], typ="dc+sd-jwt")
    assert jws.header == {"alg": "ES256", "typ": "dc+sd-jwt", **key_header(CHAIN)}
    assert jws.payload["iss"] == ISSUER_URL
    verified = await verify(present(issued), trust=_anchored())
    assert verified.credential.issuer == ISSUER_URL


async def test_registry_issuers_are_as_they_were() -> None:
    trust = _anchored()
    verified = await verify(present(issue_coverage()), trust=trust)
    assert verified.credential.issuer == ISSUER_DID
    assert trust.synced_at == NOW
    assert (trust.name(ISSUER_DID), trust.name(f"{ISSUER_URL}/a")) == (ISSUER_DID, "issuer.office.example")


async def test_without_anchors_nobody_is_known_by_certificates() -> None:
    presented = present(_issued())
    assert await _refusal(presented, FakeTrust()) is ReasonCode.UNKNOWN_ISSUER
    assert await _refusal(presented, AnchoredTrust(FakeTrust(), ())) is ReasonCode.UNKNOWN_ISSUER


@pytest.mark.parametrize(
    ("domains", "types", "code"),
    [
        ({"office.example"}, {HEALTH_ID.vct}, ReasonCode.UNTRUSTED_ISSUER),
        ({"issuer.office.example"}, set(COVERAGE), None),
        ({"ffice.example"}, set(COVERAGE), ReasonCode.UNKNOWN_ISSUER),
        ({"a.issuer.office.example"}, set(COVERAGE), ReasonCode.UNKNOWN_ISSUER),
        ({"other.example", "evil-issuer.office.example"}, set(COVERAGE), ReasonCode.UNKNOWN_ISSUER),
    ],
)
async def test_anchor_counts_for_its_domains_and_types_alone(
    domains: set[str], types: set[str], code: ReasonCode | None
) -> None:
    trust = _anchored(TrustAnchor(ANCHOR.certificate, frozenset(domains), frozenset(types)))
    if code is None:
        await verify(present(_issued()), trust=trust)
    else:
        assert await _refusal(present(_issued()), trust) is code


def test_anchor_makes_nobody_a_verifier_and_nothing_before_its_time() -> None:
    trust = _anchored()
    for role, at in ((Role.VERIFY, NOW), (Role.ISSUE, NOW - 101 * 86400), (Role.ISSUE, NOW + 901 * 86400)):
        with pytest.raises(Rejection) as refusal:
            trust.accreditation(ISSUER_URL, role, INSURANCE_COVERAGE.vct, at=at)
        assert refusal.value.code is ReasonCode.UNTRUSTED_ISSUER


def test_an_anchor_for_wallet_providers() -> None:
    of_issuers, of_wallets = (_anchored(TrustAnchor(ANCHOR.certificate, DOMAINS, each)) for each in (COVERAGE, WALLETS))
    assert provider_key_at(of_wallets, now=NOW)(CHAIN) == LEAF.signer.public_key
    for trust, chain, code in (
        (of_issuers, CHAIN, ReasonCode.UNTRUSTED_ISSUER),
        (_anchored(), CHAIN, ReasonCode.UNTRUSTED_ISSUER),
        (of_wallets, chain_of(_ALONE), ReasonCode.UNKNOWN_ISSUER),
        (of_wallets, chain_of(LEAF, issuer="https://elsewhere.example"), ReasonCode.UNTRUSTED_ISSUER),
    ):
        with pytest.raises(Rejection) as refusal:
            provider_key_at(trust, now=NOW)(chain)
        assert refusal.value.code is code


@pytest.mark.parametrize(
    ("chain", "leaf", "good"), [(CHAIN, LEAF, True), (CHAIN, OTHER, False), (chain_of(OTHER, AUTHORITY), OTHER, False)]
)
async def test_status_list_of_an_anchored_issuer_is_signed_by_its_certificates(
    chain: CertificateChain, leaf: Authority, good: bool
) -> None:
    uri = f"{ISSUER_URL}/status/1"
    token = create_status_list_token(
        StatusList(2, 16),
        uri=uri,
        verification_method=chain,
        signer=leaf.signer,
        issued_at=NOW,
        expires_at=NOW + 60,
        time_to_live=60,
    )
    lists = StatusLists(HttpClient(transport=httpx.MockTransport(lambda _request: httpx.Response(200, text=token))))
    asked = lists.status(StatusReference(uri, 3), issuer=ISSUER_URL, trust=_anchored(), now=NOW)
    if good:
        assert (await asked).status is Status.VALID
        return
    with pytest.raises(Rejection) as refusal:
        await asked
    assert refusal.value.code is ReasonCode.STATUS_UNAVAILABLE


@pytest.mark.parametrize(
    "domains",
    [
        ({"office.example"}, {"office.example"}),
        ({"office.example"}, {"issuer.office.example"}),
        ({"Office.example"}, {"other.example"}),
        ({"example"}, {"other.test"}),
        ({"*.office.example"}, {"other.example"}),
        ({""}, {"other.example"}),
    ],
)
def test_anchors_that_overlap_or_have_no_domain_are_refused(domains: tuple[set[str], set[str]]) -> None:
    with pytest.raises(ValueError, match="domain"):
        _anchored(*(TrustAnchor(ANCHOR.certificate, frozenset(each), COVERAGE) for each in domains))


_FALSE_ANCHOR = certify("Anchor")
_ALONE = certify("Issuer", ca=None, usage="digital_signature", names=[x509.DNSName("issuer.office.example")])
_EXPIRED = certify_issuer(AUTHORITY, days=99)


@dataclass(frozen=True)
class _Attack:
    chain: CertificateChain
    leaf: Authority
    code: ReasonCode = ReasonCode.UNKNOWN_ISSUER


ATTACKS = {
    "S7 self-signed": _Attack(chain_of(_ALONE), _ALONE),
    "S7 anchor inside": _Attack(chain_of(LEAF, AUTHORITY, ANCHOR), LEAF),
    "S7 own anchor inside": _Attack(chain_of(certify_issuer(_FALSE_ANCHOR), _FALSE_ANCHOR), LEAF),
    "S6 certificate of another issuer": _Attack(chain_of(OTHER, AUTHORITY), OTHER, ReasonCode.BAD_SIGNATURE),
    "S6 somebody else's certificate": _Attack(CHAIN, OTHER, ReasonCode.BAD_SIGNATURE),
    "expired certificate": _Attack(chain_of(_EXPIRED, AUTHORITY), _EXPIRED, ReasonCode.BAD_SIGNATURE),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_certificates_that_prove_nothing_are_refused(attack: _Attack) -> None:
    assert await _refusal(present(_issued(attack.chain, attack.leaf))) is attack.code


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        ({"kid": ISSUER_METHOD}, {}),
        ({"kid": "leaf"}, {}),
        ({"x5c": []}, {}),
        ({"x5c": [""]}, {}),
        ({"x5c": ["MIIB", 1]}, {}),
        ({"x5u": "https://evil.example/chain"}, {}),
        ({"jwk": LEAF.signer.public_key.to_jwk()}, {}),
        ({}, {"iss": ISSUER_DID}),
        ({}, {"iss": "http://issuer.office.example"}),
        ({}, {"iss": None}),
    ],
    ids=lambda part: str(part)[:20],
)
async def test_header_that_says_too_much_or_an_issuer_that_is_no_url_is_malformed(
    header: dict[str, Any], payload: dict[str, Any]
) -> None:
    issuer_jwt, _, disclosures = _issued().partition("~")
    jws = parse_jws(issuer_jwt, typ="dc+sd-jwt")
    text = sign_jws({**jws.header, **header}, {**jws.payload, **payload}, LEAF.signer) + "~" + disclosures
    presented = _with_key_binding(text)
    assert await _refusal(presented) is ReasonCode.MALFORMED


async def test_key_binding_with_certificates_is_malformed() -> None:
    presented = present(_issued())
    shown, _, kb_jwt = presented.rpartition("~")
    jws = parse_jws(kb_jwt, typ="kb+jwt")
    kb_jwt = sign_jws({**jws.header, **key_header(CHAIN)}, jws.payload, HOLDER)
    assert await _refusal(f"{shown}~{kb_jwt}") is ReasonCode.MALFORMED


async def test_did_issuer_is_not_vouched_for_by_an_anchor() -> None:
    issued = issue_coverage(signer=STRANGER)
    assert await _refusal(present(issued)) is ReasonCode.BAD_SIGNATURE
    assert ISSUER.public_key != STRANGER.public_key


def _with_key_binding(sd_jwt: str) -> str:
    """A presentation made without looking at the credential, as a hostile holder makes one."""
    sd_hash = base64url_encode(hashlib.sha256(sd_jwt.encode()).digest())
    return sd_jwt + sign_jws(
        {"typ": "kb+jwt"}, {"iat": NOW, "aud": AUDIENCE, "nonce": NONCE, "sd_hash": sd_hash}, HOLDER
    )


def test_own_machine_is_a_domain_for_development() -> None:
    anchor = TrustAnchor(ANCHOR.certificate, frozenset({"localhost", "127.0.0.1"}), COVERAGE)
    assert anchor.covers("https://127.0.0.1:8001")
    assert not anchor.covers("https://127.0.0.2:8001")
    _anchored(anchor)
