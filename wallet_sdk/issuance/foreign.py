"""Issuers that the registry does not know, and types that the wallet does not.

Nobody vouches for such an issuer. Its signature is verified all the same, by the key that its DID or its certificates
name, so that what comes later from the same name comes from the same hands; but a credential of it is kept only if the
holder was told so and agreed, and it is marked. An issuer that the registry knows and does not let issue stays refused.

A type that is not among ours has no definition to check claims by, and no words of ours: it is shown in its issuer's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from vc_core.clock import Clock
from vc_core.crypto.keys import PublicKey
from vc_core.crypto.x509 import CertificateChain, CertificateError, KeyReference, unanchored_key
from vc_core.did.jwk import JwkDids
from vc_core.did.key import KeyDids
from vc_core.did.resolver import DidResolver
from vc_core.did.web import WebDids
from vc_core.errors import ReasonCode, Rejection
from vc_core.http import HttpClient
from vc_core.ledger.events import Role
from vc_core.trust import Accreditation, TrustSource
from wallet_sdk.content import IssuerWords

_ALWAYS = 2**53
_MAX_CLAIMS = 100
_MAX_LOCALES = 20
_MAX_WORDS = 200


class DeclaredTrust:
    """A `TrustSource` for one issuer that the registry does not know: its key is the one that it declares itself."""

    def __init__(self, registry: TrustSource, verification_method: KeyReference, issuer: str, key: PublicKey) -> None:
        self._registry = registry
        self._verification_method = verification_method
        self._issuer = issuer
        self._key = key

    @property
    def synced_at(self) -> int:
        """See `TrustSource`."""
        return self._registry.synced_at

    def verification_key(self, verification_method: KeyReference, *, at: int) -> PublicKey:
        """See `TrustSource`."""
        if verification_method != self._verification_method:
            return self._registry.verification_key(verification_method, at=at)
        return self._key

    def accreditation(self, did: str, role: Role, vct: str, *, at: int) -> Accreditation:
        """See `TrustSource`; nobody gave it."""
        if did != self._issuer or role is not Role.ISSUE:
            return self._registry.accreditation(did, role, vct, at=at)
        return Accreditation(did, role, vct, 0, _ALWAYS)

    def name(self, did: str) -> str:
        """The host that the issuer names itself by, or its DID: all that is certain of it."""
        if did.startswith("did:web:"):
            return did.removeprefix("did:web:").partition(":")[0]
        return urlsplit(did).netloc if did.startswith("https://") else did


async def declare_issuer(
    verification_method: KeyReference, issuer: str, *, registry: TrustSource, http: HttpClient, clock: Clock
) -> DeclaredTrust:
    """Trust in the key that an issuer declares by did:jwk, did:key, did:web or certificates, and in nothing else of it.

    Raises `Rejection` `UNKNOWN_ISSUER` where the name leads to no key, `BAD_SIGNATURE` where it has no such key.
    """
    if isinstance(verification_method, CertificateChain):
        try:
            key = unanchored_key(verification_method, at=clock())
        except CertificateError as cause:
            raise Rejection(ReasonCode.BAD_SIGNATURE, "The issuer's certificates do not vouch for its key.") from cause
        return DeclaredTrust(registry, verification_method, issuer, key)
    resolver = DidResolver({"jwk": JwkDids(), "key": KeyDids(), "web": WebDids(http, clock)})
    document = (await resolver.resolve(issuer)).document
    if document is None:
        raise Rejection(ReasonCode.UNKNOWN_ISSUER, "The issuer's name leads to no key.")
    named = {each.id: each.public_key for each in document.verification_methods}
    key_found = named.get(verification_method) if verification_method in document.assertion_method else None
    if key_found is None:
        raise Rejection(ReasonCode.BAD_SIGNATURE, "The issuer has no such key, or not to issue with.")
    return DeclaredTrust(registry, verification_method, issuer, key_found)


def read_words(configuration: Mapping[str, Any]) -> IssuerWords:
    """What the issuer's metadata calls a type and its claims (section 12.2.4); what can't be read is left out."""
    metadata = configuration.get("credential_metadata")
    members = metadata if isinstance(metadata, dict) else {}
    claims: dict[str, Mapping[str, str]] = {}
    described = members.get("claims")
    for each in described[:_MAX_CLAIMS] if isinstance(described, list) else ():
        path = each.get("path") if isinstance(each, dict) else None
        if isinstance(path, list) and len(path) == 1 and isinstance(path[0], str):
            claims[path[0][:_MAX_WORDS]] = _by_locale(each.get("display"))
    return IssuerWords(_by_locale(members.get("display")), claims)


def _by_locale(display: Any) -> dict[str, str]:
    words: dict[str, str] = {}
    for each in display[:_MAX_LOCALES] if isinstance(display, list) else ():
        name, locale = (each.get("name"), each.get("locale", "")) if isinstance(each, dict) else (None, None)
        if isinstance(name, str) and isinstance(locale, str):
            words.setdefault(locale[:_MAX_WORDS].partition("-")[0], name[:_MAX_WORDS])
    return words
