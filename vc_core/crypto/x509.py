"""Issuers named by certificates: the `x5c` header (RFC 7515 section 4.1.6), validated up to anchors that we configured.

    x5c: leaf ◀── signed by ── intermediate ◀── … ◀── signed by ── anchor (ours, never in x5c)

The chain comes with the message, so it proves nothing until its last certificate is found to be signed by an anchor
(RFC 5280 section 6, for this one use): a leaf that signed itself, or an anchor that a sender brings along, is what an
attacker would send. The leaf's key counts for one name only, the `iss` of the message, which must stand in the leaf.
Nothing is fetched: neither missing certificates nor revocation lists; short-lived leaves and the anchors' settings are
how an issuer is stopped.
"""

from __future__ import annotations

import datetime
import warnings
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from vc_core.crypto.keys import Algorithm, PublicKey

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)

MAX_CERTIFICATES = 4
MAX_CERTIFICATE_BYTES = 8 * 1024
MAX_ISSUER_LENGTH = 255

_FOR_TLS = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
_PARTS = ("issuer", "subject", "not_valid_before_utc", "not_valid_after_utc", "signature_hash_algorithm", "extensions")
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion, Warning)
_UNDERSTOOD = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
}


class CertificateError(ValueError):
    """The certificates do not make their first one's key the issuer's; the message says why, and names nobody."""


class NotAnchored(CertificateError):
    """The certificates lead to none of the anchors."""


@dataclass(frozen=True)
class CertificateChain:
    """An issuer's name, an https URL, and the certificates that are to make it so: DER, the leaf first."""

    issuer: str
    certificates: tuple[bytes, ...]


@dataclass(frozen=True)
class VerifiedLeaf:
    """A certificate that leads to an anchor, and its key."""

    certificate: x509.Certificate
    public_key: PublicKey

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names that it is for, in lower case."""
        return _hosts(self.certificate)

    @property
    def organisation(self) -> str | None:
        """The subject's organisation, or its common name; None where it has neither."""
        for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
            for attribute in self.certificate.subject.get_attributes_for_oid(kind):
                return str(attribute.value)
        return None


KeyReference = str | CertificateChain
"""How a message names the key that signed it: a DID URL, `<did>#<fragment>`, or a chain of certificates."""


def issuer_of(reference: KeyReference) -> str:
    """Whose key it is said to be: a DID, or the `iss` that the certificates are to bear out."""
    return reference.issuer if isinstance(reference, CertificateChain) else reference.partition("#")[0]


def parse_x5c(value: Any, *, issuer: Any) -> CertificateChain:
    """The header's `x5c` and the payload's `iss`. Raises `CertificateError`."""
    certificates = decode_x5c(value)
    if not is_issuer_url(issuer):
        raise CertificateError("an issuer with certificates is named by an https URL")
    return CertificateChain(str(issuer), certificates)


def decode_x5c(value: Any) -> tuple[bytes, ...]:
    """The certificates of a header's `x5c` (base64 of DER, not base64url), leaf first. Raises `CertificateError`."""
    if not isinstance(value, list) or not 0 < len(value) <= MAX_CERTIFICATES:
        raise CertificateError("x5c is not a list of a few certificates")
    return tuple(_decode(each) for each in value)


def key_header(reference: KeyReference) -> dict[str, Any]:
    """The header's member that names the key: `kid`, or `x5c`."""
    if isinstance(reference, str):
        return {"kid": reference}
    return {"x5c": [b64encode(each).decode("ascii") for each in reference.certificates]}


def is_issuer_url(value: Any) -> bool:
    """Whether this may name an issuer that certificates stand for: an https URL with a host, no user, no fragment."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ISSUER_LENGTH or not value.startswith("https://"):
        return False
    try:
        parts = urlsplit(value)
        return bool(parts.hostname) and value.isascii() and "@" not in parts.netloc and not parts.fragment
    except ValueError:
        return False


def load_anchor(pem: bytes) -> x509.Certificate:
    """A trust anchor from PEM: a CA's certificate with a P-256 key. Raises `CertificateError`."""
    try:
        anchor = x509.load_pem_x509_certificate(pem)
    except ValueError as cause:
        raise CertificateError("not a certificate in PEM") from cause
    _public_key(anchor)
    _check_authority(anchor, below=0)
    return anchor


def authority_key_ids(certificates: Sequence[bytes]) -> frozenset[bytes]:
    """The key identifiers of those who signed these certificates (DER), as they name them (RFC 5280 section 4.2.1.1).

    Names only: whether the certificates lead to anybody is `verify_chain`'s. Raises `CertificateError`.
    """
    named = (_extension(_load(each), x509.AuthorityKeyIdentifier) for each in certificates)
    return frozenset(each.key_identifier for each in named if each is not None and each.key_identifier is not None)


def verify_chain(chain: CertificateChain, anchors: Sequence[x509.Certificate], *, at: int) -> PublicKey:
    """The leaf's key, if the chain makes it that of `chain.issuer` at that time (seconds since 1970).

    Steps 1 to 4 are those of `verify_leaf`; 5. the leaf names the issuer. Raises `CertificateError`.
    """
    leaf = verify_leaf(chain.certificates, anchors, at=at)
    # 5.
    if not _names(leaf.certificate, chain.issuer):
        raise CertificateError("the certificate names another issuer")
    return leaf.public_key


def unanchored_key(chain: CertificateChain, *, at: int) -> PublicKey:
    """The leaf's key, if the certificates sign each other, are valid at that time, and the leaf names `chain.issuer`.

    Who stands at the top is not looked at: nobody vouches for the name. Raises `CertificateError`.
    """
    loaded = [_load(each) for each in chain.certificates]
    key, *_ = [_public_key(each) for each in loaded]
    _check_links(loaded)
    moment = datetime.datetime.fromtimestamp(at, datetime.UTC)
    if any(not each.not_valid_before_utc <= moment <= each.not_valid_after_utc for each in loaded):
        raise CertificateError("a certificate is not valid at that time")
    for below, authority in enumerate(loaded[1:]):
        _check_authority(authority, below=below)
    _check_leaf(loaded[0])
    if not _names(loaded[0], chain.issuer):
        raise CertificateError("the certificate names another issuer")
    return key


def verify_leaf(certificates: Sequence[bytes], anchors: Sequence[x509.Certificate], *, at: int) -> VerifiedLeaf:
    """The first of the certificates (DER), if they lead from it to an anchor at that time (seconds since 1970).

    1. Certificates that can be read, with P-256 keys; none twice, none an anchor, none signed by itself.
    2. Each is signed by the next, the last by an anchor: `NotAnchored` otherwise.
    3. All are valid at that time, the anchor too.
    4. Those that sign others are authorities for chains of this length; the leaf is none, and is for signatures.

    Raises `CertificateError`. Whom the leaf names is for the caller to compare.
    """
    # 1.
    loaded = [_load(each) for each in certificates]
    _refuse_strangers(loaded, anchors)
    key, *_ = [_public_key(each) for each in loaded]

    # 2.
    _check_links(loaded)
    anchor = next((each for each in anchors if _is_signed_by(loaded[-1], each)), None)
    if anchor is None:
        raise NotAnchored("the certificates lead to no anchor")

    # 3.
    moment = datetime.datetime.fromtimestamp(at, datetime.UTC)
    for certificate in (*loaded, anchor):
        if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
            raise CertificateError("a certificate is not valid at that time")

    # 4.
    for below, authority in enumerate((*loaded[1:], anchor)):
        _check_authority(authority, below=below)
    _check_leaf(loaded[0])
    return VerifiedLeaf(loaded[0], key)


@dataclass(frozen=True)
class OwnCertificates:
    """The certificates of a key that we sign with, and from when until when all of them hold (seconds since 1970).

    `hosts` are the host names that the first of them is for.
    """

    chain: CertificateChain
    valid_from: int
    valid_until: int
    hosts: tuple[str, ...]


def load_own_certificates(pem: bytes, *, issuer: str, key: PublicKey) -> OwnCertificates:
    """Certificates from PEM, the leaf first and the anchor left out, as they are to go with what `key` signs.

    All that `verify_chain` asks for is asked for here, but for the time, and the anchor, which an issuer need not have.
    Raises `CertificateError`.
    """
    try:
        certificates = x509.load_pem_x509_certificates(pem)
    except ValueError as cause:
        raise CertificateError("not certificates in PEM") from cause
    if len(certificates) > MAX_CERTIFICATES:
        raise CertificateError("there are more certificates than a verifier takes")
    if not is_issuer_url(issuer):
        raise CertificateError("an issuer with certificates is named by an https URL")
    chain = CertificateChain(issuer, tuple(each.public_bytes(serialization.Encoding.DER) for each in certificates))
    certificates = [_load(each) for each in chain.certificates]
    _refuse_strangers(certificates, ())
    if [_public_key(each) for each in certificates][0] != key:
        raise CertificateError("the first certificate is for another key")
    _check_links(certificates)
    for below, authority in enumerate(certificates[1:]):
        _check_authority(authority, below=below)
    _check_leaf(certificates[0])
    if not _names(certificates[0], issuer):
        raise CertificateError("the first certificate names another issuer")
    begins, ends = (
        max(each.not_valid_before_utc for each in certificates),
        min(each.not_valid_after_utc for each in certificates),
    )
    return OwnCertificates(chain, int(begins.timestamp()), int(ends.timestamp()), _hosts(certificates[0]))


def _decode(value: Any) -> bytes:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_CERTIFICATE_BYTES * 4 // 3 + 4:
        raise CertificateError("a certificate in x5c is empty, too long, or no text")
    try:
        return b64decode(value, validate=True)
    except ValueError as cause:
        raise CertificateError("a certificate in x5c is not in base64") from cause


def _load(der: bytes) -> x509.Certificate:
    """The certificate, every part of it read: `cryptography` reads most only when asked for, and raises then."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what RFC 5280 forbids and the library still takes
            certificate = x509.load_der_x509_certificate(der)
            for part in _PARTS:
                getattr(certificate, part)
    except _UNREADABLE as cause:
        raise CertificateError("a certificate can't be read") from cause
    if any(each.critical and each.oid not in _UNDERSTOOD for each in certificate.extensions):
        raise CertificateError("a certificate has a critical extension that is not understood here")
    return certificate


def _refuse_strangers(certificates: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate]) -> None:
    brought = [each.fingerprint(hashes.SHA256()) for each in certificates]
    known = {each.fingerprint(hashes.SHA256()) for each in anchors}
    if len(set(brought)) != len(brought) or known & set(brought):
        raise NotAnchored("a certificate is there twice, or is an anchor itself")
    if any(each.issuer == each.subject for each in certificates):
        raise NotAnchored("a certificate signed itself")


def _check_links(certificates: Sequence[x509.Certificate]) -> None:
    for signed, signer in zip(certificates, certificates[1:], strict=False):
        if not _is_signed_by(signed, signer):
            raise NotAnchored("a certificate is not signed by the next")


def _public_key(certificate: x509.Certificate) -> PublicKey:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as cause:
        raise CertificateError("a certificate's key can't be read") from cause
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CertificateError("a certificate's key is not on P-256")
    raw = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    return PublicKey(Algorithm.ES256, raw)


def _is_signed_by(certificate: x509.Certificate, signer: x509.Certificate) -> bool:
    if not isinstance(certificate.signature_hash_algorithm, hashes.SHA256):
        return False
    try:
        certificate.verify_directly_issued_by(signer)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


def _check_authority(certificate: x509.Certificate, *, below: int) -> None:
    """`below` is how many authorities stand between this one and the leaf."""
    constraints = _extension(certificate, x509.BasicConstraints)
    usage = _extension(certificate, x509.KeyUsage)
    if constraints is None or not constraints.ca or usage is None or not usage.key_cert_sign:
        raise CertificateError("a certificate may not sign others")
    if constraints.path_length is not None and below > constraints.path_length:
        raise CertificateError("the chain is longer than a certificate in it allows")


def _check_leaf(certificate: x509.Certificate) -> None:
    constraints = _extension(certificate, x509.BasicConstraints)
    usage = _extension(certificate, x509.KeyUsage)
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    if constraints is not None and constraints.ca:
        raise CertificateError("the certificate is that of an authority")
    if usage is None or not usage.digital_signature:
        raise CertificateError("the certificate's key is not for signatures")
    # Keys for TLS lie on web servers, whose operators are seldom those who vouch for patients.
    if purposes is not None and _FOR_TLS & set(purposes):
        raise CertificateError("the certificate's key is for TLS")


def _names(leaf: x509.Certificate, issuer: str) -> bool:
    """Whether the leaf is for this URL: by itself, or by exactly its host. A wildcard names nobody."""
    names = _extension(leaf, x509.SubjectAlternativeName)
    if names is None:
        return False
    hosts = [each.lower() for each in names.get_values_for_type(x509.DNSName)]
    return issuer in names.get_values_for_type(x509.UniformResourceIdentifier) or urlsplit(issuer).hostname in hosts


def _hosts(certificate: x509.Certificate) -> tuple[str, ...]:
    names = _extension(certificate, x509.SubjectAlternativeName)
    return () if names is None else tuple(each.lower() for each in names.get_values_for_type(x509.DNSName))


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
