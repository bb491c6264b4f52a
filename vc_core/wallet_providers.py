"""Trust in wallet providers: who may vouch for wallets and for the keys in them.

A provider is an organisation of the registry that is accredited for the role `PROVIDE_WALLETS`, or one that the
certificates of an anchor name (`vc_core.certificate_trust`). Its word counts while it is accredited, by keys that are
valid now: what it said is short-lived, and nobody needs it later.
"""

from __future__ import annotations

from vc_core.crypto.keys import PublicKey
from vc_core.crypto.x509 import KeyReference, issuer_of
from vc_core.errors import ReasonCode, Rejection
from vc_core.ledger.events import Role
from vc_core.protocols.wallet_provider import ProviderKey
from vc_core.trust import TrustSource

WALLET_ATTESTATION = "urn:sabai:wallet:WalletAttestation:1"
"""What the registry has in place of a credential type where the role is `PROVIDE_WALLETS`."""
WALLET_ATTESTATION_NAME = "WalletAttestation"
"""How operators call it."""

MAX_TRUST_AGE_SECONDS = 24 * 3600
"""How old a copy of the registry may be that says who provides wallets."""


def provider_key_at(trust: TrustSource, *, now: int) -> ProviderKey:
    """From a key's name to the key, of providers that are accredited at `now` (seconds since 1970).

    The function raises `Rejection`: `STALE_TRUST`, `UNKNOWN_ISSUER`, `UNTRUSTED_ISSUER` or `BAD_SIGNATURE`.
    """

    def provider_key(reference: KeyReference) -> PublicKey:
        if trust.synced_at < now - MAX_TRUST_AGE_SECONDS:
            raise Rejection(ReasonCode.STALE_TRUST, "What is known of wallet providers is too old.")
        trust.accreditation(issuer_of(reference), Role.PROVIDE_WALLETS, WALLET_ATTESTATION, at=now)
        return trust.verification_key(reference, at=now)

    return provider_key
