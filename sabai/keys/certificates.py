"""What our own authorities' certificates have in common."""

from __future__ import annotations

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from vc_core.files import write_durably

_EARLIER = datetime.timedelta(hours=1)
"""Certificates begin this much before they are made: another machine's clock may be a little behind."""
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def certificate_builder(subject: str, *, issuer: x509.Name, days: int, now: int) -> x509.CertificateBuilder:
    """A certificate for this common name that is good for so many days from `now` (seconds since 1970)."""
    begin = datetime.datetime.fromtimestamp(now, datetime.UTC) - _EARLIER
    return (
        x509.CertificateBuilder()
        .subject_name(common_name(subject))
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=days))
    )


def common_name(text: str) -> x509.Name:
    """A name that has a common name only, cut to the 64 characters that one may have."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def usage(only: str) -> x509.KeyUsage:
    """That a key is for this and nothing else; the names are those of RFC 5280 section 4.2.1.3."""
    return x509.KeyUsage(**{each: each == only for each in _USAGES})


def authority_certificate(
    name: str, key: ec.EllipticCurvePrivateKey, *, days: int, now: int, constraints: x509.NameConstraints | None = None
) -> x509.Certificate:
    """An authority's certificate for itself, which may sign those of servers and people but of no other authority."""
    builder = certificate_builder(name, issuer=common_name(name), days=days, now=now).public_key(key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(usage("key_cert_sign"), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    if constraints is not None:
        builder = builder.add_extension(constraints, critical=True)
    return builder.sign(key, hashes.SHA256())


def write_private_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """Writes a key that only this user may read, as PKCS #8 in PEM."""
    form = serialization.PrivateFormat.PKCS8
    write_durably(path, key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
