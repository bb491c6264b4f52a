"""Trust in issuers that certificates name, beside those of the registry: by anchors that the verifier's owner chose.

An anchor counts for what its entry says and for nothing else: issuers whose host is one of its domains or below one,
and the credential types listed, in whose place `vc_core.wallet_providers` has a name for wallet providers. Without an
entry nobody is trusted this way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.x509 import Certificate

from vc_core.crypto.keys import PublicKey
from vc_core.crypto.x509 import (
    CertificateChain,
    CertificateError,
    KeyReference,
    NotAnchored,
    is_issuer_url,
    verify_chain,
)
from vc_core.errors import ReasonCode, Rejection
from vc_core.ledger.events import Role
from vc_core.trust import Accreditation, TrustSource

_DOMAIN = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])\Z")

_OWN_MACHINE = ("localhost", "127.0.0.1", "::1")
"""Hosts that are nobody else's: for development, where there are no domains."""


@dataclass(frozen=True)
class TrustAnchor:
    """A CA whose issuers may issue credentials of these types (`vct`), if their host is in one of these domains."""

    certificate: Certificate
    domains: frozenset[str]
    credential_types: frozenset[str]

    def covers(self, issuer: str) -> bool:
        """Whether an issuer's host is one of the domains or below one."""
        host = urlsplit(issuer).hostname or ""
        return any(host == domain or host.endswith("." + domain) for domain in self.domains)


def check_anchors(anchors: Sequence[TrustAnchor]) -> None:
    """Raises `ValueError` where a domain is none, or is in or below one of another anchor.

    If two anchors had a say in one issuer, each would lend it what only the other may.
    """
    domains = [domain for anchor in anchors for domain in anchor.domains]
    if not all(domain in _OWN_MACHINE or _DOMAIN.match(domain) for domain in domains):
        raise ValueError("a domain is a host name of at least two labels, in lower case")
    for anchor in anchors:
        others = [each for each in anchors if each is not anchor]
        if any(other.covers(f"https://{domain}/") for domain in anchor.domains for other in others):
            raise ValueError("two anchors have a say in the same domain")


class AnchoredTrust:
    """A `TrustSource`: the registry for DIDs, anchors for https URLs. Neither has a say in the other's issuers."""

    def __init__(self, registry: TrustSource, anchors: Sequence[TrustAnchor]) -> None:
        """Raises `ValueError` as `check_anchors` does."""
        check_anchors(anchors)
        self._registry = registry
        self._anchors = tuple(anchors)

    @property
    def synced_at(self) -> int:
        """See `TrustSource`."""
        return self._registry.synced_at

    def verification_key(self, verification_method: KeyReference, *, at: int) -> PublicKey:
        """See `TrustSource`. Certificates: `UNKNOWN_ISSUER` where they lead to no anchor that is for this issuer.

        `BAD_SIGNATURE` where they do, but do not make the key the issuer's at that time.
        """
        if not isinstance(verification_method, CertificateChain):
            return self._registry.verification_key(verification_method, at=at)
        anchors = [each.certificate for each in self._anchors if each.covers(verification_method.issuer)]
        try:
            return verify_chain(verification_method, anchors, at=at)
        except NotAnchored as cause:
            raise Rejection(ReasonCode.UNKNOWN_ISSUER, "The issuer's certificates lead to nobody we know.") from cause
        except CertificateError as cause:
            raise Rejection(ReasonCode.BAD_SIGNATURE, "The issuer's certificates do not vouch for its key.") from cause

    def accreditation(self, did: str, role: Role, vct: str, *, at: int) -> Accreditation:
        """See `TrustSource`; `did` is the issuer's URL where certificates name it."""
        if not is_issuer_url(did):
            return self._registry.accreditation(did, role, vct, at=at)
        for anchor in self._anchors:
            begins = int(anchor.certificate.not_valid_before_utc.timestamp())
            ends = int(anchor.certificate.not_valid_after_utc.timestamp()) + 1
            if (
                role is not Role.VERIFY
                and vct in anchor.credential_types
                and anchor.covers(did)
                and begins <= at < ends
            ):
                return Accreditation(did, role, vct, begins, ends)
        raise Rejection(ReasonCode.UNTRUSTED_ISSUER, "The issuer is not one that may issue this.")

    def name(self, did: str) -> str:
        """See `TrustSource`; the host of an issuer that certificates name: all that they bear out."""
        return urlsplit(did).netloc if is_issuer_url(did) else self._registry.name(did)


class CertifiedTrust:
    """A `TrustSource` that knows others by certificates only, as HAIP has it: whom a DID names is unknown to it."""

    def __init__(self, trust: TrustSource) -> None:
        self._trust = trust

    @property
    def synced_at(self) -> int:
        """See `TrustSource`."""
        return self._trust.synced_at

    def verification_key(self, verification_method: KeyReference, *, at: int) -> PublicKey:
        """See `TrustSource`."""
        if not isinstance(verification_method, CertificateChain):
            raise Rejection(ReasonCode.UNKNOWN_ISSUER, "Nobody is known here by a DID, only by certificates.")
        return self._trust.verification_key(verification_method, at=at)

    def accreditation(self, did: str, role: Role, vct: str, *, at: int) -> Accreditation:
        """See `TrustSource`."""
        return self._trust.accreditation(did, role, vct, at=at)

    def name(self, did: str) -> str:
        """See `TrustSource`."""
        return self._trust.name(did)
