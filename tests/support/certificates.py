"""Certificates for tests: an anchor, authorities below it, and leaves, each with the one thing that a test changes."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.verification import NOW
from vc_core.crypto.keys import P256Signer
from vc_core.crypto.x509 import CertificateChain

ISSUER_URL = "https://issuer.office.example"
DAY = datetime.timedelta(days=1)
BEGIN = datetime.datetime.fromtimestamp(NOW, datetime.UTC) - 100 * DAY
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


@dataclass(frozen=True)
class Authority:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        """The certificate as x5c carries it, before base64."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate as a file holds it."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def signer(self) -> P256Signer:
        """The key as a signer."""
        return P256Signer(self.key)


def certify(
    subject: str,
    by: Authority | None = None,
    *,
    ca: bool | None = True,
    path_length: int | None = None,
    usage: str | None = "key_cert_sign",
    names: Sequence[x509.GeneralName] = (),
    begins: datetime.datetime = BEGIN,
    days: int = 1000,
    curve: ec.EllipticCurve | None = None,
    digest: hashes.SHA256 | hashes.SHA512 | None = None,
    more: Sequence[tuple[x509.ExtensionType, bool]] = (),
    key: ec.EllipticCurvePrivateKey | None = None,
) -> Authority:
    """A certificate of this common name, signed `by` an authority, by itself where there is none."""
    key = key or ec.generate_private_key(curve or ec.SECP256R1())
    name = _name(subject)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name if by is None else by.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + days * DAY)
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
    if usage is not None:
        builder = builder.add_extension(x509.KeyUsage(**{each: each == usage for each in _USAGES}), critical=True)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    for extension, critical in more:
        builder = builder.add_extension(extension, critical=critical)
    return Authority(builder.sign(key if by is None else by.key, digest or hashes.SHA256()), key)


def certify_issuer(by: Authority, **changes: object) -> Authority:
    """A leaf for the issuer at `ISSUER_URL`, but for the changes."""
    good = {"ca": None, "usage": "digital_signature", "names": [x509.DNSName("issuer.office.example")]}
    return certify("Issuer", by, **(good | changes))  # type: ignore[arg-type]


def chain_of(*authorities: Authority, issuer: str = ISSUER_URL) -> CertificateChain:
    """The chain as it is once parsed, the leaf first."""
    return CertificateChain(issuer, tuple(each.der for each in authorities))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
