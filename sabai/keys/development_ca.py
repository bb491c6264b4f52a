"""A certificate authority for development: it vouches for the keys of one data folder, and nobody else should trust it.

    DIR/keys/development-ca/ca.key      its private key
                           /ca.pem      its certificate: the trust anchor
                           /anchors.json   the anchor as a verifier's setting `trust_anchors` takes it

In production an authority that others trust signs certificates for the same keys; how the files look is the same.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sabai.keys.certificates import authority_certificate, certificate_builder, usage, write_private_key
from vc_core.crypto.keys import Algorithm, PublicKey
from vc_core.errors import InvalidRequest
from vc_core.files import write_durably

CA_DAYS = 3650
LEAF_DAYS = 365
_NAME = "Sabai development CA"


@dataclass(frozen=True)
class DevelopmentCa:
    """The authority of one data folder."""

    folder: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def load_or_make(cls, keys: Path, *, now: int) -> DevelopmentCa:
        """The authority in the folder of keys, made if it is not there; `now` in seconds since 1970."""
        folder = keys / "development-ca"
        if not (folder / "ca.pem").exists():
            _make(folder, now)
        key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise InvalidRequest("The development CA's key is not a P-256 key.")
        return cls(folder, x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes()), key)

    def certify(self, key: PublicKey, *, subject: str, url: str, now: int) -> bytes:
        """A certificate in PEM by which the key speaks for the https URL, and for its host.

        Raises `InvalidRequest` for a key that is not on P-256.
        """
        if key.algorithm is not Algorithm.ES256:
            raise InvalidRequest("Certificates are for P-256 keys: make one with `sabai keys create`.")
        builder = certificate_builder(subject, issuer=self.certificate.subject, days=LEAF_DAYS, now=now)
        public_key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.raw)
        builder = (
            builder.public_key(public_key)
            .add_extension(usage("digital_signature"), critical=True)
            .add_extension(x509.SubjectAlternativeName(_names(url)), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def write_anchors(self, *, host: str, credential_types: Iterable[str]) -> Path:
        """Writes the file of trust anchors for a verifier that is to take these types from this host's issuer."""
        entry = {"certificate": "ca.pem", "domains": [host], "credential_types": sorted(credential_types)}
        path = self.folder / "anchors.json"
        write_durably(path, json.dumps([entry], indent=2).encode("utf-8"))
        return path


def _make(folder: Path, now: int) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = authority_certificate(_NAME, key, days=CA_DAYS, now=now)
    write_private_key(folder / "ca.key", key)  # the certificate last: it says that both are there
    write_durably(folder / "ca.pem", certificate.public_bytes(serialization.Encoding.PEM))


def _names(url: str) -> list[x509.GeneralName]:
    """The URL, and its host where it is a name: an IP address is none for DNS."""
    host = urlsplit(url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return [x509.UniformResourceIdentifier(url), x509.DNSName(host)]
    return [x509.UniformResourceIdentifier(url)]
