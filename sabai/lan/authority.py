"""A certificate authority for phones that try the services out: made at the first start, good for local networks only.

    DIR/lan/ca.key  ca.pem            the authority; phones are given `ca.pem`
           /server.key  server.pem    the services' certificate, made anew at every start

Whoever installs an authority trusts it with every site that they visit. So this one may not speak for the web: its
certificate admits addresses of private networks and names in `.local`, and browsers refuse what else it signs.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from sabai.keys.certificates import authority_certificate, certificate_builder, usage, write_private_key
from sabai.servers import TlsFiles
from vc_core.errors import InvalidRequest
from vc_core.files import write_durably

CA_DAYS = 730
SERVER_DAYS = 90
"""Phones refuse a server's certificate that is good for years."""
_NAME = "Sabai, for trying out on this network"
_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10")
_CONSTRAINTS = x509.NameConstraints(
    permitted_subtrees=[
        *(x509.IPAddress(ipaddress.ip_network(network)) for network in _NETWORKS),
        *(x509.DNSName(name) for name in ("local", "localhost")),
    ],
    excluded_subtrees=None,
)


@dataclass(frozen=True)
class LanAuthority:
    """The authority of one data folder."""

    folder: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def load_or_make(cls, data_dir: Path, *, now: int) -> LanAuthority:
        """The authority of this data folder, made if it is not there or has ended; `now` in seconds since 1970."""
        folder = data_dir / "lan"
        found = folder / "ca.pem"
        if not found.exists() or _end_of(found) <= now:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = ec.generate_private_key(ec.SECP256R1())
            certificate = authority_certificate(_NAME, made, days=CA_DAYS, now=now, constraints=_CONSTRAINTS)
            write_private_key(folder / "ca.key", made)  # the certificate last: it says that both are there
            write_durably(found, certificate.public_bytes(serialization.Encoding.PEM))
        key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise InvalidRequest("The local authority's key is not a P-256 key.")
        return cls(folder, x509.load_pem_x509_certificate(found.read_bytes()), key)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the certificate as phones show it: pairs of hex digits."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def certify(self, address: str, name: str | None, *, now: int) -> TlsFiles:
        """A fresh certificate for the services at this IP address and, if they have one, under this name in `.local`.

        Raises `InvalidRequest` for a name that the authority may not speak for.
        """
        if name is not None and not name.endswith(".local"):
            raise InvalidRequest("A name on the local network ends in .local.")
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_address(address)), x509.DNSName("localhost")]
        if name is not None:
            names.append(x509.DNSName(name))
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        certificate = (
            certificate_builder(name or address, issuer=self.certificate.subject, days=SERVER_DAYS, now=now)
            .public_key(key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage("digital_signature"), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(identifier, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        files = TlsFiles(self.folder / "server.pem", self.folder / "server.key")
        write_private_key(files.key, key)
        write_durably(files.certificate, certificate.public_bytes(serialization.Encoding.PEM))
        return files


def _end_of(path: Path) -> float:
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc.timestamp()
