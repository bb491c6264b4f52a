"""Chains of certificates: what makes a leaf's key the issuer's, and each single thing that does not."""

from __future__ import annotations

import datetime
from base64 import b64encode, urlsafe_b64encode
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.certificates import BEGIN, DAY, ISSUER_URL, certify, certify_issuer, chain_of
from tests.support.verification import NOW
from vc_core.crypto.x509 import (
    CertificateChain,
    CertificateError,
    NotAnchored,
    OwnCertificates,
    issuer_of,
    key_header,
    load_anchor,
    load_own_certificates,
    parse_x5c,
    verify_chain,
)

ANCHOR = certify("Anchor", path_length=1)
OTHER_ANCHOR = certify("Other anchor")
AUTHORITY = certify("Authority", ANCHOR, path_length=0)
LEAF = certify_issuer(AUTHORITY)
DIRECT = certify_issuer(ANCHOR)
ANCHORS = [OTHER_ANCHOR.certificate, ANCHOR.certificate]
CHAIN = chain_of(LEAF, AUTHORITY)


def test_chain_to_an_anchor_makes_the_leaf_s_key_the_issuer_s() -> None:
    assert verify_chain(CHAIN, ANCHORS, at=NOW) == LEAF.signer.public_key
    assert verify_chain(chain_of(DIRECT), ANCHORS, at=NOW) == DIRECT.signer.public_key


def test_chain_goes_into_a_header_and_comes_back() -> None:
    assert parse_x5c(key_header(CHAIN)["x5c"], issuer=ISSUER_URL) == CHAIN
    assert (issuer_of(CHAIN), issuer_of("did:example:a#b")) == (ISSUER_URL, "did:example:a")


@pytest.mark.parametrize(
    "names",
    [
        [x509.DNSName("other.example"), x509.DNSName("Issuer.Office.Example")],
        [x509.UniformResourceIdentifier(ISSUER_URL)],
    ],
)
def test_leaf_names_the_issuer_by_host_or_by_url(names: list[x509.GeneralName]) -> None:
    leaf = certify_issuer(ANCHOR, names=names)
    assert verify_chain(chain_of(leaf), ANCHORS, at=NOW) == leaf.signer.public_key


def test_issuer_may_be_a_path_on_the_leaf_s_host() -> None:
    chain = chain_of(DIRECT, issuer=f"{ISSUER_URL}:8443/coverage")
    assert verify_chain(chain, ANCHORS, at=NOW) == DIRECT.signer.public_key


_SELF_SIGNED = certify("Issuer", ca=None, usage="digital_signature", names=[x509.DNSName("issuer.office.example")])
_FALSE_ANCHOR = certify("Anchor", path_length=1)
_UNLIMITED = certify("Unlimited", ANCHOR)
_BELOW = certify("Below", _UNLIMITED)
NOT_ANCHORED: dict[str, CertificateChain] = {
    "a leaf that signed itself": chain_of(_SELF_SIGNED),
    "a chain with its anchor inside": chain_of(DIRECT, ANCHOR),
    "an anchor alone": chain_of(ANCHOR),
    "a chain to an anchor that is not ours": chain_of(certify_issuer(_FALSE_ANCHOR)),
    "a chain that brings its own anchor": chain_of(certify_issuer(_FALSE_ANCHOR), _FALSE_ANCHOR),
    "a chain without its middle": chain_of(LEAF),
    "a chain in the wrong order": chain_of(AUTHORITY, LEAF),
    "a certificate twice": chain_of(LEAF, AUTHORITY, AUTHORITY),
    "a certificate that belongs to none": chain_of(DIRECT, AUTHORITY),
    "a signature with SHA-512": chain_of(certify_issuer(ANCHOR, digest=hashes.SHA512())),
    "a leaf whose signer has the authority's name alone": chain_of(
        certify_issuer(certify("Authority", _FALSE_ANCHOR)), AUTHORITY
    ),
}


@pytest.mark.parametrize("chain", NOT_ANCHORED.values(), ids=NOT_ANCHORED)
def test_chain_that_leads_to_no_anchor_is_refused(chain: CertificateChain) -> None:
    with pytest.raises(NotAnchored):
        verify_chain(chain, ANCHORS, at=NOW)


def test_without_anchors_nobody_is_known() -> None:
    with pytest.raises(NotAnchored):
        verify_chain(CHAIN, [], at=NOW)


def _leaf(**changes: Any) -> CertificateChain:
    return chain_of(certify_issuer(ANCHOR, **changes))


def _with_authority(**changes: Any) -> CertificateChain:
    authority = certify("Authority", ANCHOR, **changes)
    return chain_of(certify_issuer(authority), authority)


NOT_VOUCHED: dict[str, CertificateChain] = {
    "an expired leaf": _leaf(days=99),
    "a leaf that is not valid yet": _leaf(begins=BEGIN + 101 * DAY),
    "an expired authority": _with_authority(days=99),
    "an authority that is not valid yet": _with_authority(begins=BEGIN + 101 * DAY),
    "a leaf on P-384": _leaf(curve=ec.SECP384R1()),
    "an authority on P-384": _with_authority(curve=ec.SECP384R1()),
    "a leaf that is an authority": _leaf(ca=True),
    "a leaf without key usage": _leaf(usage=None),
    "a leaf for key agreement": _leaf(usage="key_agreement"),
    "a leaf for certificates": _leaf(usage="key_cert_sign"),
    "a leaf for TLS servers": _leaf(more=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)]),
    "a leaf for TLS clients": _leaf(more=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)]),
    "an unknown critical extension": _leaf(
        more=[(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)]
    ),
    "name constraints": _with_authority(more=[(x509.NameConstraints([x509.DNSName("office.example")], None), True)]),
    "an authority that is none": _with_authority(ca=False),
    "an authority without constraints": _with_authority(ca=None),
    "an authority without key usage": _with_authority(usage=None),
    "an authority for signatures": _with_authority(usage="digital_signature"),
    "a leaf that names nobody": _leaf(names=[]),
    "a leaf of another host": _leaf(names=[x509.DNSName("other.example")]),
    "a leaf of the host's parent": _leaf(names=[x509.DNSName("office.example")]),
    "a leaf of a host that ends so": _leaf(names=[x509.DNSName("evil-issuer.office.example")]),
    "a leaf of a host below": _leaf(names=[x509.DNSName("a.issuer.office.example")]),
    "a leaf with a wildcard": _leaf(names=[x509.DNSName("*.office.example")]),
    "a leaf of a URL that begins so": _leaf(names=[x509.UniformResourceIdentifier(ISSUER_URL + "/a")]),
    "a leaf of a mail address": _leaf(names=[x509.RFC822Name("a@issuer.office.example")]),
    "bytes that are no certificate": CertificateChain(ISSUER_URL, (b"\x30\x03\x02\x01\x01",)),
    "a chain longer than the anchor allows": chain_of(certify_issuer(_BELOW), _BELOW, _UNLIMITED),
}


@pytest.mark.parametrize("chain", NOT_VOUCHED.values(), ids=NOT_VOUCHED)
def test_chain_that_does_not_vouch_is_refused(chain: CertificateChain) -> None:
    with pytest.raises(CertificateError):
        verify_chain(chain, ANCHORS, at=NOW)


def test_anchor_counts_only_in_its_time() -> None:
    anchor = certify("Old anchor", days=200)
    leaf = certify_issuer(anchor)
    ends = int((BEGIN + 200 * DAY).timestamp())
    assert verify_chain(chain_of(leaf), [anchor.certificate], at=ends)
    for at in (ends + 1, int((BEGIN - datetime.timedelta(seconds=1)).timestamp())):
        with pytest.raises(CertificateError):
            verify_chain(chain_of(leaf), [anchor.certificate], at=at)


_LEAF_TEXT = b64encode(LEAF.der).decode()


@pytest.mark.parametrize(
    "value",
    [
        *(None, [], "", _LEAF_TEXT, {"0": _LEAF_TEXT}, [None], [1], [[_LEAF_TEXT]], [_LEAF_TEXT] * 5),
        *(["A" * 20_000], ["a"], ["%%%%"], [_LEAF_TEXT + "\n"], [urlsafe_b64encode(b"\xff\xff\xff").decode()]),
    ],
    ids=range(14),
)
def test_x5c_that_is_not_of_the_form_is_refused(value: Any) -> None:
    with pytest.raises(CertificateError):
        parse_x5c(value, issuer=ISSUER_URL)


@pytest.mark.parametrize(
    "issuer",
    [
        *(
            None,
            "",
            1,
            "did:example:a",
            "http://issuer.office.example",
            "https://",
            "https:///path",
            "HTTPS://a.example",
        ),
        *("https://user@issuer.office.example", f"{ISSUER_URL}#a", "https://[::1", "https://โรง.example"),
        "https://issuer.office.example/" + "a" * 300,
    ],
)
def test_issuer_with_certificates_is_an_https_url(issuer: Any) -> None:
    with pytest.raises(CertificateError):
        parse_x5c([_LEAF_TEXT], issuer=issuer)


def test_anchor_file_holds_an_authority_on_p_256() -> None:
    assert load_anchor(ANCHOR.pem) == ANCHOR.certificate
    for pem in (b"", b"-----BEGIN CERTIFICATE-----\n", LEAF.pem, certify("P-384", curve=ec.SECP384R1()).pem):
        with pytest.raises(CertificateError):
            load_anchor(pem)


_SIGNED = LEAF.certificate.tbs_certificate_bytes
_SIGNED_FROM = LEAF.der.index(_SIGNED)


@settings(deadline=None, max_examples=200)
@given(st.integers(0, len(_SIGNED) - 1), st.integers(1, 255))
def test_any_changed_byte_of_what_is_signed_is_refused(place: int, change: int) -> None:
    with pytest.raises(CertificateError):
        verify_chain(_with_byte(_SIGNED_FROM + place, change), ANCHORS, at=NOW)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, len(LEAF.der) - 1), st.integers(1, 255))
def test_any_changed_byte_is_refused_or_changes_nothing(place: int, change: int) -> None:
    """The library reads past unused bits of the signature, say: that is another text for the same certificate."""
    try:
        key = verify_chain(_with_byte(place, change), ANCHORS, at=NOW)
    except CertificateError:
        return
    assert key == LEAF.signer.public_key
    assert not _SIGNED_FROM <= place < _SIGNED_FROM + len(_SIGNED)


def _with_byte(place: int, change: int) -> CertificateChain:
    der = bytearray(LEAF.der)
    der[place] ^= change
    return CertificateChain(ISSUER_URL, (bytes(der), AUTHORITY.der))


# -- Our own certificates, before we sign with them --------------------------------------------------------------------

_OWN = LEAF.pem + AUTHORITY.pem


def _load(pem: bytes, issuer: str = ISSUER_URL) -> OwnCertificates:
    return load_own_certificates(pem, issuer=issuer, key=LEAF.signer.public_key)


def test_own_certificates_come_with_the_time_that_all_of_them_hold() -> None:
    own = _load(_OWN)
    assert own.chain == CHAIN
    assert (own.valid_from, own.valid_until) == (int(BEGIN.timestamp()), int((BEGIN + 1000 * DAY).timestamp()))
    assert verify_chain(own.chain, ANCHORS, at=own.valid_until - 1) == LEAF.signer.public_key


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        (b"", "not certificates in PEM"),
        (_OWN + ANCHOR.pem, "there twice, or is an anchor|signed itself"),
        (AUTHORITY.pem + LEAF.pem, "for another key"),
        (DIRECT.pem, "for another key"),
        (LEAF.pem + certify("Authority", ANCHOR).pem, "not signed by the next"),
        (LEAF.pem * 5, "more certificates"),
    ],
    ids=["nothing", "with the anchor", "in the wrong order", "another key's", "of another authority", "too many"],
)
def test_own_certificates_that_no_verifier_would_take(pem: bytes, reason: str) -> None:
    with pytest.raises(CertificateError, match=reason):
        _load(pem)


def test_own_certificates_are_for_our_own_address() -> None:
    for issuer in ("https://other.example", "http://issuer.office.example"):
        with pytest.raises(CertificateError):
            _load(_OWN, issuer)
