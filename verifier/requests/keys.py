"""Under which names the hospital asks, and with which key: one P-256 key that signs requests and nothing else.

| prefix | the name | how the request names the key |
|---|---|---|
| `decentralized_identifier` | the facility's DID | by `kid`: the registry has the key |
| `x509_san_dns` | the host of `public_url` | by `x5c`: the certificates name that host |
| `x509_hash` | the certificate's hash | by `x5c` |
| `redirect_uri` | where the answer goes | not at all: nobody can tell who asks |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from vc_core.crypto.key_references import open_signer
from vc_core.crypto.keys import Algorithm, KeyFormatError, Signer
from vc_core.crypto.x509 import CertificateError, load_own_certificates
from vc_core.crypto.x509 import key_header as header_of
from vc_core.errors import Conflict, Rejection, SettingsError, SignerUnavailable
from vc_core.formats.credential import MAX_TIME
from vc_core.protocols.openid4vp.client_id import ClientId, ClientIdPrefix, certificate_hash
from vc_core.trust import TrustSource
from vc_core.web.settings import ProtocolProfile
from verifier.settings import VerifierSettings


@dataclass(frozen=True)
class SigningName:
    """A name for signed requests, the header's member that names its key, and from when until when that holds.

    Times are in seconds since 1970; of a key in the registry, the registry says until when.
    """

    client_id: ClientId
    header: Mapping[str, Any]
    valid_from: int = 0
    valid_until: int = MAX_TIME


@dataclass(frozen=True)
class RequestKeys:
    """The key and its names by prefix; without a key the desk asks by unsigned requests only, where it is told to."""

    signer: Signer | None
    names: Mapping[ClientIdPrefix, SigningName]

    def default_prefix(self) -> ClientIdPrefix:
        """The name that wallets know best. Raises `Conflict` where there is none."""
        for prefix in (ClientIdPrefix.DECENTRALIZED_IDENTIFIER, ClientIdPrefix.X509_HASH):
            if prefix in self.names:
                return prefix
        raise Conflict("This desk has no key for requests: its settings name none.")

    def check(self, prefix: ClientIdPrefix, trust: TrustSource, *, now: int) -> None:
        """Returns where wallets will find that the key is the hospital's. Raises `Conflict`: then nothing is asked."""
        name = self.name(prefix)
        if not name.valid_from <= now < name.valid_until:
            raise Conflict("The certificate of this desk's key for requests is not valid now.")
        if prefix is ClientIdPrefix.DECENTRALIZED_IDENTIFIER:
            try:
                registered = trust.verification_key(name.header["kid"], at=now)
            except Rejection as cause:
                raise Conflict("The registry does not have this desk's key for requests, or no longer.") from cause
            if self.signer is None or registered != self.signer.public_key:
                raise Conflict("The registry has another key under the name of this desk's key for requests.")

    def name(self, prefix: ClientIdPrefix) -> SigningName:
        """The name under this prefix. Raises `Conflict` where the desk has none."""
        if prefix not in self.names:
            raise Conflict("This desk has no name of that kind: its settings have no key or certificate for it.")
        return self.names[prefix]


def load_request_keys(settings: VerifierSettings) -> RequestKeys:
    """The key and the names that the settings give. Raises `SettingsError`."""
    method, reference = settings.requests_verification_method, settings.requests_key
    if method is None or reference is None:
        return RequestKeys(None, {})
    pin = None if settings.pkcs11_pin is None else settings.pkcs11_pin.get_secret_value()
    try:
        signer = open_signer(reference, pin=pin)
    except (KeyFormatError, SignerUnavailable) as cause:
        raise SettingsError([f"requests_key can't be used: {cause}"]) from cause
    if signer.public_key.algorithm is not Algorithm.ES256:
        raise SettingsError(["requests_key must be a P-256 key"])
    did = ClientId(ClientIdPrefix.DECENTRALIZED_IDENTIFIER, settings.facility_did)
    names = {did.prefix: SigningName(did, {"kid": method}), **_certified_names(settings, signer)}
    if settings.protocol_profile is ProtocolProfile.HAIP:
        names = {ClientIdPrefix.X509_HASH: names[ClientIdPrefix.X509_HASH]}
    return RequestKeys(signer, names)


def _certified_names(settings: VerifierSettings, signer: Signer) -> dict[ClientIdPrefix, SigningName]:
    path = settings.requests_certificates
    if path is None:
        return {}
    try:
        own = load_own_certificates(path.read_bytes(), issuer=settings.public_url, key=signer.public_key)
    except (CertificateError, OSError) as cause:
        raise SettingsError([f"requests_certificates can't be used: {cause}"]) from cause
    host = urlsplit(settings.public_url).hostname or ""
    names = [ClientId(ClientIdPrefix.X509_HASH, certificate_hash(own.chain.certificates[0]))]
    if host in own.hosts:  # an IP address is no name for DNS
        names.append(ClientId(ClientIdPrefix.X509_SAN_DNS, host))
    header = header_of(own.chain)
    return {name.prefix: SigningName(name, header, own.valid_from, own.valid_until) for name in names}
