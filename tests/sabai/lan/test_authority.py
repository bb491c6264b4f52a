"""The authority that phones are asked to trust: what it may vouch for, and that browsers would hold it to that."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from sabai.lan.authority import CA_DAYS, LanAuthority
from vc_core.errors import InvalidRequest

NOW = 1_790_000_000
DAY = 24 * 3600
MOMENT = datetime.datetime.fromtimestamp(NOW, datetime.UTC)


def verify(authority: LanAuthority, certificate: x509.Certificate, subject: x509.IPAddress | x509.DNSName) -> None:
    """As a browser does; raises `VerificationError`."""
    policy = PolicyBuilder().store(Store([authority.certificate])).time(MOMENT)
    policy.build_server_verifier(subject).verify(certificate, [])


@pytest.fixture
def authority(tmp_path: Path) -> LanAuthority:
    """A fresh one."""
    return LanAuthority.load_or_make(tmp_path, now=NOW)


def test_a_server_of_this_network(authority: LanAuthority) -> None:
    files = authority.certify("192.168.1.20", "clinic.local", now=NOW)
    files.check()
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    for name in (x509.IPAddress(ipaddress.ip_address("192.168.1.20")), x509.DNSName("clinic.local")):
        verify(authority, certificate, name)
    with pytest.raises(VerificationError):
        verify(authority, certificate, x509.DNSName("other.local"))


@pytest.mark.parametrize(
    "subject",
    [
        x509.DNSName("bank.example"),
        x509.DNSName("notlocal"),
        x509.IPAddress(ipaddress.ip_address("8.8.8.8")),
        x509.IPAddress(ipaddress.ip_address("2001:db8::1")),
    ],
    ids=["name", "name that ends alike", "address", "address of version 6"],
)
def test_what_it_signs_for_the_web_is_refused(authority: LanAuthority, subject: x509.DNSName | x509.IPAddress) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    stolen = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(1000)
        .not_valid_before(MOMENT - datetime.timedelta(days=1))
        .not_valid_after(MOMENT + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([subject]), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    with pytest.raises(VerificationError):
        verify(authority, stolen, subject)


def test_it_stays_until_it_ends(authority: LanAuthority, tmp_path: Path) -> None:
    later = LanAuthority.load_or_make(tmp_path, now=NOW + (CA_DAYS - 1) * DAY)
    assert later.fingerprint == authority.fingerprint
    ended = LanAuthority.load_or_make(tmp_path, now=NOW + (CA_DAYS + 1) * DAY)
    assert ended.fingerprint != authority.fingerprint
    assert (tmp_path / "lan" / "ca.key").stat().st_mode & 0o077 == 0


def test_only_names_of_the_local_network(authority: LanAuthority) -> None:
    with pytest.raises(InvalidRequest):
        authority.certify("192.168.1.20", "clinic.example", now=NOW)
